import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { snsNotifier } from "../../../src/adapters/aws/sns-notifier.ts";
import { readEnvironment } from "../../../src/config/environment.ts";
import { loadPackaged } from "../../../src/config/packaged.ts";
import { parseConfig } from "../../../src/config/parse.ts";
import { readRefresh, readRemediate } from "../../../src/lambda/payload.ts";
import { oneTarget } from "../../../src/lambda/targets.ts";
import { explain } from "../../../src/report/explain.ts";
import { capture } from "../../support/canaries/capture.ts";
import { type Command, startCommand } from "../../support/canaries/command.ts";
import { everythingOf, expectNoLeak } from "../../support/canaries/finder.ts";
import { CANARIES, KINDS } from "../../support/canaries/inventory.ts";

/** What people copy from somewhere and paste into the wrong place. */
const PASTED = KINDS.misplaced.map((name) => [name, CANARIES[name]] as const);

describe("what was pasted", () => {
  it.each([
    "policy: { restartEvery: SECRET, cure: SECRET }",
    "policy: { restartEvery: [SECRET] }",
    "policy: { allowRisky: [SECRET] }",
    "policy: { windows: [{ days: [SECRET], from: SECRET, to: SECRET, timeZone: SECRET }] }",
    "policy: { freeze: [{ from: SECRET, to: SECRET, timeZone: SECRET }] }",
    "policy: { SECRET: 1, token: SECRET }",
    "policy: SECRET",
    "clusters: SECRET",
    "clusters: [SECRET]",
    "clusters: [{ name: prod, region: SECRET, mode: SECRET, roleArn: SECRET, readRoleArn: SECRET, tokenLifetime: SECRET }]",
    "clusters: [{ name: prod, token: SECRET, SECRET: { a: SECRET } }]",
    "clusters: [{ discover: { regions: [SECRET], tags: { team: [SECRET] }, SECRET: SECRET } }]",
    "gateways: { selector: [SECRET], namespaces: [SECRET, SECRET] }",
    "gateways: { selector: '*SECRET' }",
    "evidence: { logs: SECRET, probe: SECRET }",
    "SECRET: SECRET",
    "SECRET",
    "{ token: SECRET, broken: [",
    "token: !secret SECRET",
    "token: !SECRET x",
    "token: *SECRET",
    "? { token: SECRET } : x",
    "{{ SECRET }}: x",
  ])("into guard.yml is not repeated: %s", async (yaml) => {
    for (const [name, secret] of PASTED) {
      const text = yaml.replaceAll(/(?<![*!'])SECRET/g, JSON.stringify(secret)).replaceAll("SECRET", secret);
      const { printed, value, thrown } = await capture(async () => parseConfig(text, "guard.yml"));
      expect(value).toBeUndefined();
      expectNoLeak(`${printed}${explain(thrown)}${everythingOf(thrown)}`, name);
    }
  });

  const payloads: Readonly<Record<string, (secret: string) => unknown>> = {
    "beside what is expected": (secret) => ({ cluster: "prod", token: secret, [secret]: secret }),
    "for names": (secret) => ({ cluster: [secret], namespace: secret, name: `/${secret}`, kind: secret, hold: secret }),
    "deep inside": (secret) => ({
      cluster: "prod",
      hold: { restarts: secret, why: [secret], [secret]: 1 },
      namespace: [secret],
      name: { [secret]: secret },
    }),
    "with a line break": (secret) => ({ cluster: `\n${secret}`, namespace: "Edge", name: "checkout" }),
    "as it is": (secret) => secret,
    "in a list": (secret) => [secret],
    "as a request": (secret) => ({ headers: { authorization: `Bearer ${secret}` }, body: secret }),
  };
  it.each(Object.keys(payloads))("into the payload of a function is not repeated: %s", (form) => {
    for (const [name, secret] of PASTED) {
      for (const read of [readRemediate, readRefresh]) {
        const error = thrownBy(() => read(payloads[form]?.(secret)));
        expect(error).toMatchObject({ code: "BadUsage" });
        expectNoLeak(`${explain(error)}${everythingOf(error)}`, name);
      }
    }
  });

  it.each(PASTED)("as the name of a cluster is not repeated by a function: %s", async (_name, secret) => {
    const { config } = parseConfig("clusters: [{ name: prod }]", "guard.yml");
    const environment = readEnvironment(
      { AWS_REGION: "eu-west-1" },
      "arn:aws:lambda:eu-west-1:111122223333:function:x",
    );
    for (const name of [secret, `eu-west-1/${secret}`]) {
      const error = await oneTarget(name, { config, environment, signIn: () => NOBODY, now: Date.now }).catch(
        (thrown) => thrown,
      );
      expect(error).toMatchObject({ code: "BadUsage" });
      expectNoLeak(`${explain(error)}${everythingOf(error)}`, name);
    }
  });

  it.each(PASTED)("into the environment of a function is not repeated: %s", (_name, secret) => {
    const errors = [
      thrownBy(() => readEnvironment({ AWS_REGION: "eu-west-1", GUARD_REMEDIATE_CONCURRENCY: secret }, "")),
      thrownBy(() => snsNotifier({ topicArn: secret, credentials: NOBODY })),
    ];
    for (const error of errors) {
      expect(error).toMatchObject({ code: "BadConfig" });
      expectNoLeak(`${explain(error)}${everythingOf(error)}`, "the environment");
    }
  });
});

const NOBODY = async () => ({ accessKeyId: "", secretAccessKey: "" });

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe("the command line", () => {
  let command: Command;
  beforeAll(async () => {
    command = await startCommand();
    await command.kubeconfig("https://127.0.0.1:9");
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await command.remove();
  });

  const lines: readonly ((secret: string) => readonly string[])[] = [
    (secret) => [secret],
    (secret) => ["check", secret],
    (secret) => ["check", `--token=${secret}`],
    (secret) => ["check", "--token", secret],
    (secret) => ["check", `-t${secret}`],
    (secret) => ["check", "--context", secret],
    (secret) => ["check", "--kubeconfig", secret],
    (secret) => ["check", "--kubeconfig", `users: [{ token: ${secret} }]\n`],
    (secret) => ["check", "--config", secret],
    (secret) => ["check", "--config", `/home/me/${secret}.yml`],
    (secret) => ["check", "--audit-log", secret],
    (secret) => ["check", "--at", secret],
    (secret) => ["check", "--lifetime", secret],
    (secret) => ["check", "--namespace", `_${secret}`],
    (secret) => ["check", "--output", secret],
    (secret) => ["refresh", secret],
    (secret) => ["refresh", "edge/checkout", "--kind", secret],
    (secret) => ["manifests", "--group", `system:${secret}`],
    (secret) => ["manifests", "--selector", `=${secret}`],
  ];
  it.each(lines.map((line) => [line("SECRET").join(" "), line] as const))(
    "%s is refused and not repeated",
    async (_line, line) => {
      for (const [name, secret] of PASTED) {
        const args = line(secret);
        const own = /--kubeconfig|manifests/.test(args.join(" "))
          ? []
          : ["--kubeconfig", `${command.folder}/kubeconfig`];
        const printed = await command.run([...args, ...own]);
        expect(printed).toMatch(/Bad(?:Usage|Config|Kubeconfig)/);
        expectNoLeak(printed, name);
      }
    },
  );

  it.each(PASTED)("refuses %s where KUBECONFIG should name a file, and does not repeat it", async (_name, secret) => {
    const content = `apiVersion: v1\nusers:\n- name: me\n  user: { token: ${secret}, password: "hunter2-hunter2" }\n`;
    for (const value of [secret, content, JSON.stringify({ users: secret }), Buffer.from(content).toString("base64")]) {
      vi.stubEnv("KUBECONFIG", value);
      const printed = await command.run(["check"]);
      expect(printed).toContain("BadKubeconfig: No file of KUBECONFIG exists");
      expect(printed).not.toContain("hunter2");
      expectNoLeak(printed, "KUBECONFIG");
    }
    vi.stubEnv("KUBECONFIG", "");
  });
});

describe("a function whose packaged configuration is broken", () => {
  it("does not repeat it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "packaged-"));
    await writeFile(join(folder, "guard.json"), CANARIES.pastedToken);
    const error = await loadPackaged(folder).catch((thrown) => thrown);
    await rm(folder, { recursive: true });
    expect(error).toMatchObject({ code: "BadConfig" });
    expectNoLeak(`${explain(error)}${everythingOf(error)}`, "guard.json");
  });
});
