import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { DEFAULT_GROUP, DEFAULT_READ_GROUP } from "../../src/manifests/group.ts";
import { describeMoto } from "../support/deploy/moto/suite.ts";
import { ofType, propertiesOf, readTemplate, unrolled } from "../support/deploy/template.ts";

/** Templates that people deploy by hand, where the guard's own stack cannot reach. */
const ELSEWHERE = "infra/other-account.yml";
const HERE = "infra/cluster-access.yml";

describeMoto("templates for other accounts and regions", (programs) => {
  it("have no fault that cfn-lint knows", async () => {
    const { stdout } = await promisify(execFile)(`${programs}/cfn-lint`, [ELSEWHERE, HERE]);
    expect(stdout).toBe("");
  });
});

describe("the template for another account", () => {
  const template = unrolled(readTemplate(ELSEWHERE));

  it("puts the role that restarts into the group of the manifests that may, and the role of the sweep into the other", () => {
    const entry = (role: string, group: string) => ({
      ClusterName: { Ref: "ClusterName" },
      PrincipalArn: { "Fn::GetAtt": [role, "Arn"] },
      KubernetesGroups: [group],
    });
    expect(ofType(template, "AWS::EKS::AccessEntry")).toEqual({
      "AccessEntry&{ClusterName}": entry("GuardRole", DEFAULT_GROUP),
      "ReadAccessEntry&{ClusterName}": entry("ReadRole", DEFAULT_READ_GROUP),
    });
  });

  it.each([
    ["GuardRole", "GuardRoleArns"],
    ["ReadRole", "SweepRoleArn"],
  ])("has %s trust those of %s, in the guard's account", (role, parameter) => {
    expect(propertiesOf(template, role).AssumeRolePolicyDocument).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: { "Fn::Sub": `arn:\${AWS::Partition}:iam::\${GuardAccountId}:root` } },
          Action: "sts:AssumeRole",
          Condition: { ArnEquals: { "aws:PrincipalArn": { Ref: parameter } } },
        },
      ],
    });
  });
});

describe("the audit logs of another account", () => {
  const template = unrolled(readTemplate(ELSEWHERE));

  it("may be read only when somebody asks for it", () => {
    expect(template.Parameters?.AuditLogs).toMatchObject({ AllowedValues: ["true", "false"], Default: "false" });
    expect(template.Conditions).toEqual({ ReadsAuditLogs: { "Fn::Equals": [{ Ref: "AuditLogs" }, "true"] } });
    expect(template.Resources["AuditLog&{ClusterName}"]?.Condition).toBe("ReadsAuditLogs");
  });

  it("may be read by both roles, and of each cluster that its parameter names the one log group", () => {
    const Name = { Ref: "ClusterName" };
    const group = `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:/aws/eks/\${Name}/cluster:*`;
    expect(ofType(template, "AWS::IAM::Policy")).toEqual({
      "AuditLog&{ClusterName}": {
        PolicyName: { "Fn::Sub": [`read-audit-log-of-\${Name}`, { Name }] },
        Roles: [{ Ref: "GuardRole" }, { Ref: "ReadRole" }],
        PolicyDocument: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: "logs:FilterLogEvents", Resource: { "Fn::Sub": [group, { Name }] } }],
        },
      },
    });
  });
});

describe("the template for another region", () => {
  const template = readTemplate(HERE);

  it("leaves open which group a role comes into, so that an update that does not say is refused", () => {
    expect(template.Parameters?.KubernetesGroup).toEqual({
      Type: "String",
      AllowedValues: [DEFAULT_READ_GROUP, DEFAULT_GROUP],
      Description: `${DEFAULT_READ_GROUP} for SweepRoleArn, ${DEFAULT_GROUP} for the others.`,
    });
    expect(ofType(unrolled(template), "AWS::EKS::AccessEntry")).toEqual({
      "AccessEntry&{ClusterName}": {
        ClusterName: { Ref: "ClusterName" },
        PrincipalArn: { Ref: "GuardRoleArn" },
        KubernetesGroups: [{ Ref: "KubernetesGroup" }],
      },
    });
  });
});
