import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Sleep } from "../../../src/ports.ts";
import type { GatewaySpec } from "../../../src/simulate/gateway-spec.ts";
import { BAD_ANSWERS, CANARIES_FOR_VALUES } from "../../support/canaries/answers.ts";
import { type PlantedApi, type Question, startPlantedApi } from "../../support/canaries/api.ts";
import { type Command, startCommand } from "../../support/canaries/command.ts";
import { expectNoLeak, plantedIn } from "../../support/canaries/finder.ts";
import { KINDS } from "../../support/canaries/inventory.ts";
import { auditLog, EVERY_VERDICT, GATEWAYS, plantedCluster } from "../../support/canaries/planted.ts";

/** What would be waited for passes in the cluster instead. */
const wait = vi.hoisted(() => ({ sleep: (async () => undefined) as Sleep }));
vi.mock("../../../src/adapters/sleep.ts", () => ({ sleep: (length: number) => wait.sleep(length) }));

let command: Command;
beforeAll(async () => {
  command = await startCommand();
  await command.file("guard.yml", "evidence: { probe: true }\n");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await command.remove();
});

const apis: PlantedApi[] = [];
afterEach(async () => {
  for (const api of apis.splice(0)) await api.close();
});

async function startApi(gateways: readonly GatewaySpec[]): Promise<PlantedApi> {
  const api = await startPlantedApi(plantedCluster(gateways));
  apis.push(api);
  wait.sleep = async (length) => api.cluster.simulated.clock.advance(length);
  await command.kubeconfig(api.url);
  return api;
}

const run = (line: string, ...more: string[]) =>
  command.run([
    ...line.split(" "),
    ...["--kubeconfig", `${command.folder}/kubeconfig`, "--config", `${command.folder}/guard.yml`, ...more],
  ]);

const OUTPUTS = ["text", "json", "yaml"];

const BAD = Object.keys(BAD_ANSWERS);

/** The answer whose values pass for real ones, and one of the others in turn: api-answers.test.ts goes through them all. */
const answersFor = (row: number): readonly string[] => [CANARIES_FOR_VALUES, BAD[row % BAD.length] ?? ""];

const { refused, due, missing, proving, statefulProving } = GATEWAYS;

/** Each verb with the questions that it asks, and gateways that lead to them. */
const ASKED: readonly (readonly [verb: string, question: Question, gateways: readonly GatewaySpec[]])[] = [
  ["check", "version", [refused]],
  ["check", "list deployments", [refused]],
  ["check", "list daemonsets", [missing]],
  ["check", "list statefulsets", [statefulProving]],
  ["check", "list pods", [refused]],
  ["check", "list replicasets", [proving]],
  ["check", "list controllerrevisions", [statefulProving]],
  ["check", "list rollouts", []],
  ["check", "get configmap", [refused]],
  ["check", "get serviceaccount", [refused]],
  ["check", "get node", [missing]],
  ["check", "log", [refused]],
  ["check", "exec", [refused]],
  ["check", "review", [refused]],
  ["doctor", "version", [refused]],
  ["doctor", "list rollouts", [refused]],
  ["doctor", "self review", [refused]],
  ["doctor", "relabel", [refused]],
  ["remediate --dry-run", "dry run", [refused]],
  ["remediate --dry-run", "get workload", [refused]],
  ["refresh edge/checkout", "version", [refused]],
  ["refresh edge/checkout", "list deployments", [refused]],
  ["refresh edge/nothing", "get workload", [refused]],
  ["remediate", "note", [due]],
  ["remediate", "restart", [due]],
  ["remediate", "event", [due]],
  ["remediate", "watch workload", [due]],
  ["remediate", "get workload", [due]],
  ["remediate", "log", [refused]],
];

describe("the command line", () => {
  const rows = ASKED.map(([verb, question, gateways], row) => ({
    verb,
    question,
    gateways,
    answers: answersFor(row),
    output: OUTPUTS[row % OUTPUTS.length] ?? "",
  }));
  it.each(rows)(
    "$verb leaks nothing when to $question comes $answers",
    async ({ verb, question, gateways, answers, output }) => {
      for (const answer of answers) {
        const api = await startApi(gateways);
        api.fail({ question, answer });
        const printed = await run(verb, "--output", output);
        expect({ answer, failed: api.failed }).toEqual({ answer, failed: true });
        expect(printed).not.toBe("");
        expectNoLeak(printed, `${verb}, ${question}: ${answer}`);
        expectNoLeak(api.received(), `what is sent by ${verb}, ${question}: ${answer}`);
        await apis.pop()?.close();
      }
    },
  );

  it.each([
    ...OUTPUTS.map((output) => ["check", output] as const),
    ["doctor", "json"] as const,
    ["remediate", "text"] as const,
  ])("%s as %s leaks nothing of a cluster of every verdict", async (verb, output) => {
    const api = await startApi(EVERY_VERDICT);
    const log = await command.file("audit.log", auditLog(api.cluster));
    const printed = await run(verb, "--output", output, "--audit-log", log);
    expect(printed).toContain("prod");
    expectNoLeak(printed, verb);
    expectNoLeak(api.received(), `what is sent by ${verb}`);
    const { objects, config, logs, probe } = KINDS;
    const served = plantedIn(api.cluster.served());
    const wanted = [...objects, ...config, ...logs, ...probe].filter((canary) => canary !== "probeErrors");
    expect(wanted.filter((canary) => !served.has(canary))).toEqual([]);
  });

  it("has audit logs with a canary in every field", () => {
    const log = auditLog(plantedCluster(EVERY_VERDICT));
    expect([...plantedIn(log)].toSorted()).toEqual([...KINDS.audit].toSorted());
  });

  it.each(["manifests --probe", "demo", "--help", "check --help"])(
    "%s leaks nothing of its environment",
    async (line) => {
      const printed = await command.run(line.split(" "));
      expect(printed).toContain("apisix-token-guard");
      expectNoLeak(printed, line);
    },
  );
});
