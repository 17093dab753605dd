import { readFileSync } from "node:fs";
import { build } from "esbuild";
import { beforeAll, expect, inject, it } from "vitest";
import { actionsOf, readTemplate, unrolled } from "../support/deploy/template.ts";

/** Who needs a permission: the code, which calls this by name, or the AWS service that acts in the role's name. */
const NEEDED_BY: Readonly<Record<string, { readonly code: string } | { readonly service: string }>> = {
  "eks:DescribeCluster": { code: "new DescribeClusterCommand" },
  "eks:ListClusters": { code: "paginateListClusters(" },
  "sts:AssumeRole": { code: "new AssumeRoleCommand" },
  "sns:Publish": { code: "new PublishCommand" },
  "lambda:InvokeFunction": { code: "new InvokeCommand" },
  "logs:FilterLogEvents": { code: "new FilterLogEventsCommand" },
  "logs:CreateLogStream": { service: "Lambda, for what the function writes to its output, metrics among it" },
  "logs:PutLogEvents": { service: "Lambda, likewise" },
  "sqs:SendMessage": { service: "Lambda and Scheduler, for what failed" },
  "ec2:CreateNetworkInterface": { service: "Lambda, to attach the function to a VPC" },
  "ec2:DeleteNetworkInterface": { service: "Lambda, likewise" },
  "ec2:DescribeNetworkInterfaces": { service: "Lambda, likewise" },
  "ec2:DescribeSubnets": { service: "Lambda, likewise" },
  "ec2:AssignPrivateIpAddresses": { service: "Lambda, likewise" },
  "ec2:UnassignPrivateIpAddresses": { service: "Lambda, likewise" },
};

const { template } = inject("compiled").full;
const otherAccount = unrolled(readTemplate("infra/other-account.yml"));

/** What is done with a role of another account, where there is one. */
const IN_OTHER_ACCOUNTS = ["eks:DescribeCluster", "eks:ListClusters", "logs:FilterLogEvents"];

it("every permission is one that somebody is known to need, and no other is given", () => {
  expect(actionsOf(template)).toEqual(Object.keys(NEEDED_BY).sort());
});

const FUNCTIONS = ["sweep", "remediate", "refresh"] as const;
const CALLS = Object.entries(NEEDED_BY).flatMap(([action, by]) => ("code" in by ? [[action, by.code] as const] : []));

/** What the code of each function calls for. */
const called = new Map<string, readonly string[]>();
beforeAll(async () => {
  for (const name of FUNCTIONS) {
    const entryPoints = [`functions/${name}.ts`];
    const { outputFiles } = await build({
      entryPoints,
      bundle: true,
      write: false,
      packages: "external",
      format: "esm",
    });
    // Without what it imports and does not use.
    const code = outputFiles.map(({ text }) => text).join("");
    called.set(
      name,
      CALLS.filter(([, call]) => code.includes(call)).map(([action]) => action),
    );
  }
});

const calledBy = (...names: readonly string[]): readonly string[] =>
  [...new Set(names.flatMap((name) => called.get(name) ?? []))].sort();

it.each(FUNCTIONS)("the code of %s calls for exactly the permissions that its role has", (name) => {
  const role = `${name.charAt(0).toUpperCase()}${name.slice(1)}Role`;
  const given = actionsOf(template, [role]).filter((action) => CALLS.some(([known]) => known === action));
  expect(calledBy(name)).toEqual(given);
});

it.each([
  ["ReadRole", ["sweep"]],
  ["GuardRole", ["remediate", "refresh"]],
])("%s of another account has exactly the permissions that the code of %o calls for there", (role, names) => {
  const there = calledBy(...names).filter((action) => IN_OTHER_ACCOUNTS.includes(action));
  expect(there).toEqual(actionsOf(otherAccount, [role]));
});

it.each(Object.keys(NEEDED_BY))("%s is explained in docs/deploy.md", (action) => {
  expect(readFileSync("docs/deploy.md", "utf8")).toContain(`\`${action}\``);
});
