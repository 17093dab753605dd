import { arn, attribute, type Resource, type Resources, ref, sub, type Value } from "./cloudformation.ts";
import type { Clusters, NamedCluster } from "./clusters.ts";
import { FUNCTIONS, type FunctionName, functionName, roleId, roleName, type Settings } from "./settings.ts";

export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource: Value | readonly Value[];
  readonly Condition?: object;
}

/**
 * One role for each function. An access entry of EKS remembers the role's unique id, not its name: a role that is replaced has lost
 * its clusters, and nothing says so. So logical ids never change, and every role has a fixed name, because CloudFormation
 * refuses to replace what has one.
 */
export function roles(clusters: Clusters, settings: Settings): Resources {
  return Object.fromEntries(FUNCTIONS.map((name) => [roleId(name), role(name, clusters, settings)]));
}

function role(name: FunctionName, clusters: Clusters, settings: Settings): Resource {
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      RoleName: roleName(settings, name),
      Description: `What the function ${functionName(settings, name)} may do.`,
      AssumeRolePolicyDocument: {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
      },
      Policies: [
        {
          PolicyName: name,
          PolicyDocument: { Version: "2012-10-17", Statement: statements(name, clusters, settings) },
        },
      ],
    },
  };
}

/** docs/deploy.md has the same list for people. */
export function statements(name: FunctionName, clusters: Clusters, settings: Settings): Statement[] {
  return [
    allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], logGroup(name, settings)),
    ...(name === "sweep" ? [allow("StartRemediate", ["lambda:InvokeFunction"], lambda("remediate", settings))] : []),
    ...(name === "sweep" ? [] : [allow("Notify", ["sns:Publish"], ref("Topic"))]),
    ...(name === "refresh" ? [] : [allow("HandInFailures", ["sqs:SendMessage"], attribute("Failures", "Arn"))]),
    ...(name === "sweep" ? search(clusters) : []),
    ...signIn(name, clusters),
    ...network(name, settings),
  ];
}

function signIn(name: FunctionName, clusters: Clusters): Statement[] {
  const own = reached(clusters);
  // Who restarts at a person's word does so whatever the age of a token.
  const groups = clusters.audit && name !== "refresh" ? own : [];
  return [
    ...some(
      "FindApiServer",
      "eks:DescribeCluster",
      own.map(({ name, region }) => sub(arn("eks", `cluster/${name}`, region))),
    ),
    ...some(
      "ReadAuditLogs",
      "logs:FilterLogEvents",
      groups.map(({ name, region }) => sub(arn("logs", `log-group:/aws/eks/${name}/cluster:*`, region))),
    ),
    ...some("TakeOnRole", "sts:AssumeRole", name === "sweep" ? clusters.sweepRoleArns : clusters.roleArns),
  ];
}

/** The clusters that the functions sign in to with their own roles, by what policies call them. */
const reached = ({ named, searched }: Clusters): NamedCluster[] => [
  ...searched.map((region) => ({ name: "*", region })),
  ...named.filter(({ region }) => !searched.includes(region)),
];

/** ListClusters knows no resources, only the region can be narrowed. */
function search({ searched }: Clusters): Statement[] {
  if (searched.length === 0) return [];
  const Condition = { StringEquals: { "aws:RequestedRegion": searched } };
  return [{ ...allow("FindClusters", ["eks:ListClusters"], "*"), Condition }];
}

/** No resource would mean none or all, depending on who reads it: then there is no statement. */
const some = (sid: string, action: string, resources: readonly Value[]): Statement[] =>
  resources.length === 0 ? [] : [allow(sid, [action], resources)];

/**
 * Lambda itself needs these to attach a function to a VPC, and takes the function's role for it. The code of the function does not:
 * the key `lambda:SourceFunctionArn` is there only when it asks.
 */
function network(name: FunctionName, settings: Settings): Statement[] {
  if (settings.vpc === null) return [];
  const actions = [
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
  ];
  const Condition = { ArnEquals: { "lambda:SourceFunctionArn": lambda(name, settings) } };
  return [
    allow("AttachToVpc", actions, "*"),
    { Sid: "AttachToVpcNotByCode", Effect: "Deny", Action: actions, Resource: "*", Condition },
  ];
}

const allow = (Sid: string, Action: readonly string[], Resource: Statement["Resource"]): Statement => ({
  Sid,
  Effect: "Allow",
  Action,
  Resource,
});

/** Written out: a reference to the function would make a circle, as every function refers to its role. */
const lambda = (name: FunctionName, settings: Settings): Value =>
  sub(arn("lambda", `function:${functionName(settings, name)}`));

const logGroup = (name: FunctionName, settings: Settings): Value =>
  sub(arn("logs", `log-group:/aws/lambda/${functionName(settings, name)}:*`));
