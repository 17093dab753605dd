import { describe, expect, inject, it } from "vitest";
import { ofType, statementsOf } from "../support/deploy/template.ts";

/** What follows from guard.yml: permissions, statement by statement, and access entries. */

const every = inject("compiled").plain.template;
const inVpc = inject("compiled").full.template;
const elsewhere = inject("compiled").onlyAnotherAccount.template;

const arn = (service: string, region: string, resource: string) => ({
  "Fn::Sub": `arn:\${AWS::Partition}:${service}:${region}:\${AWS::AccountId}:${resource}`,
});
const here = `\${AWS::Region}`;

const allow = (Sid: string, Action: readonly string[], Resource: unknown) => ({
  Sid,
  Effect: "Allow",
  Action,
  Resource,
});

const log = (name: string) =>
  allow(
    "Log",
    ["logs:CreateLogStream", "logs:PutLogEvents"],
    arn("logs", here, `log-group:/aws/lambda/apisix-token-guard-prod-${name}:*`),
  );
const notify = allow("Notify", ["sns:Publish"], { Ref: "Topic" });
const handIn = allow("HandInFailures", ["sqs:SendMessage"], { "Fn::GetAtt": ["Failures", "Arn"] });
const start = allow(
  "StartRemediate",
  ["lambda:InvokeFunction"],
  arn("lambda", here, "function:apisix-token-guard-prod-remediate"),
);

/** Whatever guard.yml says. */
const ALWAYS = {
  sweep: [log("sweep"), start, handIn],
  remediate: [log("remediate"), notify, handIn],
  refresh: [log("refresh"), notify],
};

const find = {
  ...allow("FindClusters", ["eks:ListClusters"], "*"),
  Condition: { StringEquals: { "aws:RequestedRegion": ["eu-central-1", "eu-north-1"] } },
};

const describeCluster = allow(
  "FindApiServer",
  ["eks:DescribeCluster"],
  [
    arn("eks", "eu-central-1", "cluster/*"),
    arn("eks", "eu-north-1", "cluster/*"),
    arn("eks", "eu-west-1", "cluster/prod"),
    arn("eks", "eu-west-1", "cluster/prod-eu_2"),
    arn("eks", "us-east-1", "cluster/virginia"),
  ],
);

const readAuditLogs = allow(
  "ReadAuditLogs",
  ["logs:FilterLogEvents"],
  [
    arn("logs", "eu-central-1", "log-group:/aws/eks/*/cluster:*"),
    arn("logs", "eu-north-1", "log-group:/aws/eks/*/cluster:*"),
    arn("logs", "eu-west-1", "log-group:/aws/eks/prod/cluster:*"),
    arn("logs", "eu-west-1", "log-group:/aws/eks/prod-eu_2/cluster:*"),
    arn("logs", "us-east-1", "log-group:/aws/eks/virginia/cluster:*"),
  ],
);

const takeOn = (...roles: string[]) =>
  allow(
    "TakeOnRole",
    ["sts:AssumeRole"],
    roles.map((role) => `arn:aws:iam::${role.replace("/", ":role/")}`),
  );

describe.each(["sweep", "remediate", "refresh"] as const)("the role of %s", (name) => {
  const id = `${name.charAt(0).toUpperCase()}${name.slice(1)}Role`;

  it("may do what guard.yml asks for", () => {
    const searching = name === "sweep" ? [find] : [];
    const there = `333333333333/apisix-token-guard${name === "sweep" ? "-read" : ""}`;
    const reading = name === "refresh" ? [] : [readAuditLogs];
    const signIn = [describeCluster, ...reading, takeOn("222222222222/apisix-token-guard", there)];
    expect(statementsOf(every, id)).toEqual([...ALWAYS[name], ...searching, ...signIn]);
  });

  it("may ask nothing of EKS here when all clusters are reached through roles elsewhere", () => {
    expect(statementsOf(elsewhere, id)).toEqual([...ALWAYS[name], takeOn("222222222222/apisix-token-guard")]);
  });

  it("in a VPC lets Lambda attach the function, and not its code", () => {
    const network = statementsOf(inVpc, id).slice(statementsOf(every, id).length);
    const Action = [
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:AssignPrivateIpAddresses",
      "ec2:UnassignPrivateIpAddresses",
    ];
    const ofCode = {
      ArnEquals: { "lambda:SourceFunctionArn": arn("lambda", here, `function:apisix-token-guard-prod-${name}`) },
    };
    expect(network).toEqual([
      { Sid: "AttachToVpc", Effect: "Allow", Action, Resource: "*" },
      { Sid: "AttachToVpcNotByCode", Effect: "Deny", Action, Resource: "*", Condition: ofCode },
    ]);
  });

  it("has a fixed name, so that CloudFormation cannot replace it and leave the access entries behind", () => {
    expect(every.Resources[id]?.Properties.RoleName).toBe(`apisix-token-guard-prod-eu-west-1-${name}`);
  });
});

it("the functions run in the VPC that is given", () => {
  const functions = Object.values(ofType(inVpc, "AWS::Lambda::Function"));
  expect(functions).toHaveLength(3);
  for (const one of functions)
    expect(one.VpcConfig).toEqual({ SubnetIds: ["subnet-0a1", "subnet-0b2"], SecurityGroupIds: ["sg-0c3"] });
});

describe("access entries", () => {
  it("let every function into every cluster of this account and region, by group alone: the sweep to look only", () => {
    const entries = Object.values(ofType(every, "AWS::EKS::AccessEntry"));
    const expected = ["prod", "prod-eu_2"].flatMap((ClusterName) =>
      [
        ["SweepRole", "apisix-token-guard-read"],
        ["RemediateRole", "apisix-token-guard"],
        ["RefreshRole", "apisix-token-guard"],
      ].map(([role, group]) => ({
        ClusterName,
        PrincipalArn: { "Fn::GetAtt": [role, "Arn"] },
        KubernetesGroups: [group],
      })),
    );
    expect(entries).toEqual(expected);
  });

  it("keep their logical ids", () => {
    expect(Object.keys(ofType(every, "AWS::EKS::AccessEntry"))).toEqual([
      "SweepAccessEntryprod6754af96",
      "RemediateAccessEntryprod6754af96",
      "RefreshAccessEntryprod6754af96",
      "SweepAccessEntryprodeu2d6aec50a",
      "RemediateAccessEntryprodeu2d6aec50a",
      "RefreshAccessEntryprodeu2d6aec50a",
    ]);
  });

  it("are none when no cluster is of this account", () => {
    expect(ofType(elsewhere, "AWS::EKS::AccessEntry")).toEqual({});
  });
});
