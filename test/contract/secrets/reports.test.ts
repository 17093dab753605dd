import { beforeAll, describe, expect, it } from "vitest";
import { formatReports } from "../../../src/cli/format.ts";
import { createBoard } from "../../../src/cli/live/board.ts";
import { createStory } from "../../../src/cli/live/story.ts";
import { tellStory } from "../../../src/cli/live/told.ts";
import { judge } from "../../../src/doctor/judge.ts";
import { examine } from "../../../src/doctor.ts";
import { type ClusterResult, VERDICTS } from "../../../src/model/decision.ts";
import type { Cure, OutcomeResult } from "../../../src/model/last-restart.ts";
import { DAY, HOUR } from "../../../src/model/time.ts";
import type { Cluster, Restarter } from "../../../src/ports.ts";
import { reconcile } from "../../../src/reconcile.ts";
import { remediate } from "../../../src/remediate.ts";
import { buildReport } from "../../../src/report/build.ts";
import { buildCheckup } from "../../../src/report/checkup-schema.ts";
import { renderCheckup } from "../../../src/report/checkup-text.ts";
import { logLines } from "../../../src/report/log-lines.ts";
import { clusterMetrics, healMetrics } from "../../../src/report/metrics.ts";
import { newsOf } from "../../../src/report/news.ts";
import { summarise } from "../../../src/report/summary.ts";
import type { GatewaySpec } from "../../../src/simulate/gateway-spec.ts";
import { garbled } from "../../support/canaries/answers.ts";
import { everythingOf, expectNoLeak, plantedIn } from "../../support/canaries/finder.ts";
import { KINDS } from "../../support/canaries/inventory.ts";
import {
  EVERY_VERDICT,
  GATEWAYS,
  LATER_NOTE,
  type PlantedCluster,
  plantedCluster,
} from "../../support/canaries/planted.ts";
import { settings } from "../../support/gateways.ts";

const options = {
  name: "prod",
  scope: { selector: "app.kubernetes.io/name=apisix", namespaces: [] },
  evidence: { logs: true, config: true, probe: true },
  settings: settings(),
};

/** Every form in which a result leaves the program. */
const FORMS: Readonly<Record<string, (result: ClusterResult) => unknown>> = {
  text: (result) => formatReports([buildReport(result)], "text", { width: 80, color: true }),
  JSON: (result) => formatReports([buildReport(result)], "json", { width: 80, color: false }),
  YAML: (result) => formatReports([buildReport(result)], "yaml", { width: 80, color: false }),
  "log lines": (result) => logLines(buildReport(result)),
  metrics: (result) => [clusterMetrics(summarise(result)), healMetrics(result)],
  news: newsOf,
  "the summary of a sweep": summarise,
  "the result itself": (result) => result,
};

describe("a cluster with a canary in every field of every object", () => {
  let cluster: PlantedCluster;
  let seen: ClusterResult;
  beforeAll(async () => {
    cluster = plantedCluster(EVERY_VERDICT);
    seen = await reconcile(cluster, { ...options, at: null, restarter: null });
  });

  it("shows every verdict, and every canary was planted", () => {
    const verdicts = new Set(seen.plan?.decisions.map(({ verdict }) => verdict));
    expect(VERDICTS.filter((verdict) => !verdicts.has(verdict))).toEqual([]);
    const served = plantedIn(cluster.served());
    const { objects, config, logs, probe } = KINDS;
    const wanted = [...objects, ...config, ...logs, ...probe].filter((canary) => canary !== "probeErrors");
    expect(wanted.filter((canary) => !served.has(canary))).toEqual([]);
  });

  it("shows names and versions, as docs/trust.md says", () => {
    const text = JSON.stringify(buildReport(seen));
    const pods = seen.plan?.decisions.flatMap((decision) => decision.pods.map(({ name }) => name)) ?? [];
    const workloads = EVERY_VERDICT.map(({ name }) => `"${name}"`);
    for (const name of [
      "edge/denied",
      "config.yaml of ConfigMap broken-config",
      "3.9.1",
      "v1.33.5",
      ...pods,
      ...workloads,
    ])
      expect(text).toContain(name);
  });

  it.each(Object.keys(FORMS))("leaves none in %s", (form) => {
    expectNoLeak(everythingOf(FORMS[form]?.(seen)), form);
  });

  it.each([true, false])("leaves none in the checklist of doctor, colours %s", async (color) => {
    const checkup = judge(
      await examine(cluster, { ...options, purpose: "restart", auditInGroup: true, cure: "reload" }),
      options.settings,
    );
    const report = buildCheckup([checkup]);
    expectNoLeak(
      renderCheckup(report, { width: 80, color }) + everythingOf(checkup) + JSON.stringify(report),
      "doctor",
    );
  });
});

describe("a canary for any one value of an answer", () => {
  /** The same cluster; of the answers to one kind of question, one value is a canary. */
  const withCanaryAt = (cluster: Cluster, call: string, isMeant: (path: string) => boolean): Cluster => {
    const ask = Reflect.get(cluster.workloads, call);
    const garbling = async (...asked: unknown[]) => {
      const answer = await ask(...asked);
      return answer.ok ? { ...answer, value: garbled(answer.value, isMeant) } : answer;
    };
    return { ...cluster, workloads: { ...cluster.workloads, [call]: garbling } };
  };
  const look = (cluster: Cluster) => reconcile(cluster, { ...options, at: null, restarter: null });
  const rows = Object.keys(GATEWAYS).flatMap((name) =>
    [
      "deployments",
      "daemonSets",
      "statefulSets",
      "pods",
      "replicaSets",
      "controllerRevisions",
      "configMap",
      "node",
    ].map((call) => [name as keyof typeof GATEWAYS, call] as const),
  );

  it.each(rows)("is not shown: %s, %s", async (name, call) => {
    const { simulated } = plantedCluster([GATEWAYS[name]]);
    const paths = new Set<string>();
    await look(withCanaryAt(simulated, call, (path) => paths.add(path) && false));
    for (const path of paths) {
      const result = await look(withCanaryAt(simulated, call, (one) => one === path));
      const report = buildReport(result);
      const text = formatReports([report], "text", { width: 80, color: false });
      expectNoLeak(`${text}${JSON.stringify(report)}${JSON.stringify(newsOf(result))}`, `${call} ${path}`);
    }
  });
});

describe("a restart in such a cluster", () => {
  const DUE: GatewaySpec = { name: "checkout", createdAgo: 61 * DAY, annotations: LATER_NOTE };
  const REFUSED: GatewaySpec = { ...DUE, createdAgo: 91 * DAY, refusedFor: HOUR };
  const rows: readonly (readonly [Cure, OutcomeResult, GatewaySpec])[] = [
    ["restart", "renewed", DUE],
    ["restart", "cured", REFUSED],
    ["restart", "refused", { ...REFUSED, afterRestart: { refused: true } }],
    ["restart", "failed", { ...REFUSED, kind: "DaemonSet", afterRestart: { readyAfter: null } }],
    ["restart", "unproven", REFUSED],
    ["reload", "renewed", DUE],
    // What its containers print is no answer, so it is restarted.
    ["reload", "renewed", { ...DUE, name: "talkative" }],
  ];

  it.each(rows)(
    "or a reload leaves none on the workload, beside it, or in what is told: %s, %s",
    async (cure, ends, gateway) => {
      const cluster = plantedCluster([gateway]);
      const { clock } = cluster.simulated;
      const written: unknown[] = [];
      const said: string[] = [];
      const story = createStory(createBoard({ write: (text) => said.push(text), rewrites: false, width: 80 }), true);
      const told = tellStory({ ...cluster, restarter: noting(cluster, written) }, "prod", story, clock.now);
      const result = await remediate(told, {
        ...options,
        settings: settings({ cure }),
        restarter: told.restarter,
        now: clock.now,
        sleep: async (length) => clock.advance(length),
        stopAt: null,
        onLook: (look) => {
          if (ends === "unproven") cluster.simulated.fail({ call: "log", code: "ServerError" });
          story.looked(look);
          for (const [form, make] of Object.entries(FORMS)) expectNoLeak(everythingOf(make(look)), form);
        },
      });
      expect(result.outcomes.map(({ outcome }) => outcome.result)).toEqual([ends]);
      expect(JSON.stringify(written)).toContain(cure === "reload" ? "TokenGuardReload" : "TokenGuardRestart");
      expect(JSON.stringify(result).includes("is not the answer of the reload")).toBe(gateway.name === "talkative");
      expectNoLeak(everythingOf(written), "patches and events");
      expect(said.join("")).toContain(ends);
      expectNoLeak(said.join(""), "the story");
    },
  );
});

/** The restarter of a cluster, which keeps what it is given. */
function noting({ simulated: { restarter } }: PlantedCluster, written: unknown[]): Restarter {
  return {
    patch: (ref, body) => {
      written.push(body);
      return restarter.patch(ref, body);
    },
    createEvent: (event) => {
      written.push(event);
      return restarter.createEvent(event);
    },
  };
}
