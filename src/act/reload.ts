import { isReload } from "../decide/last-reload.ts";
import { NO_AGENT, parseReload, type ReloadAnswer, reloadCommand } from "../evidence/reload-script.ts";
import type { GatewayObservation } from "../model/observation.ts";
import { type Read, type ReadFailure, read, unread } from "../model/read.ts";
import { type Instant, type Millis, SECOND } from "../model/time.ts";
import { gatewayId, type Workload } from "../model/workload.ts";
import { readWorkload } from "../observe/one-workload.ts";
import type { Cluster, Exec, Workloads } from "../ports.ts";

/** The script itself waits ten seconds at most; the rest is for a busy node. */
const MAX_RELOAD_TIME: Millis = 15 * SECOND;

/** An answer is four short lines. */
const MAX_RELOAD_BYTES = 1024;

interface Agent {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** As the probe names it. */
  readonly agent: number;
}

export interface ReloadOptions {
  /** Left out: there is. */
  readonly hasTime?: (() => boolean) | undefined;
  readonly warn: (text: string) => void;
}

/**
 * Has every pod of a gateway read its token again, one after another, as long as the note of it stands. The first that does not ends it:
 * what is left keeps the token it has, which the next look finds, and a restart follows. A pod that is gone has none.
 *
 * @param at the moment in the note
 */
export async function reloadPods(
  { workloads, exec }: Pick<Cluster, "workloads" | "exec">,
  gateway: GatewayObservation,
  at: Instant,
  { hasTime, warn }: ReloadOptions,
): Promise<void> {
  for (const agent of agentsOf(gateway)) {
    const why =
      hasTime?.() === false ? "There is no time left in this run." : await whyNotNow(workloads, gateway.workload, at);
    const answer = why === null ? await reloadAgent(exec, agent) : unread(failure(agent, why));
    if (answer.ok || answer.failure.code === "NotFound") continue;
    warn(`The reload of ${gatewayId(gateway.workload)} ended at pod ${agent.pod}: ${answer.failure.message}`);
    return;
  }
}

/** Whether somebody meanwhile gave it up, took the gateway out of the guard's hands, or began something else. */
async function whyNotNow(workloads: Workloads, workload: Workload, at: Instant): Promise<string | null> {
  const fresh = await readWorkload(workloads, workload, at);
  if (!fresh.ok) return fresh.failure.message;
  const { lastRestart, optedOut } = fresh.value;
  if (optedOut) return "It has opted out meanwhile.";
  const stands = isReload(lastRestart) && lastRestart.at === at && lastRestart.result === null;
  return stands ? null : "Its note was changed meanwhile.";
}

/** Asks the pods of a gateway what they would say to a reload, with one that is of no process: nothing is changed. */
export async function tryReload(exec: Exec, gateway: GatewayObservation): Promise<Read<null>> {
  const probes = gateway.pods.ok ? gateway.pods.value.flatMap(({ probe }) => probe ?? []) : [];
  const silent = probes.find((probe) => !probe.ok);
  if (silent !== undefined && !silent.ok) return silent;
  for (const agent of agentsOf(gateway)) {
    const answer = await reloadAgent(exec, { ...agent, agent: NO_AGENT });
    if (!answer.ok && answer.failure.code !== "NotFound") return answer;
  }
  return read(null);
}

const agentsOf = ({ workload: { namespace }, pods }: GatewayObservation): readonly Agent[] =>
  (pods.ok ? pods.value : []).flatMap(({ name, container, probe }) =>
    container?.startedAt != null && probe?.ok
      ? [{ namespace, pod: name, container: container.name, agent: probe.value.agent }]
      : [],
  );

async function reloadAgent(exec: Exec, { agent, ...where }: Agent): Promise<Read<null>> {
  const answer = await exec.run({
    ...where,
    command: reloadCommand(agent),
    maxBytes: MAX_RELOAD_BYTES,
    maxTime: MAX_RELOAD_TIME,
  });
  if (!answer.ok) return answer;
  const message = TROUBLE[parseReload(new TextDecoder("latin1").decode(answer.value))];
  return message === null ? read(null) : unread(failure(where, message));
}

const failure = ({ namespace, pod }: Omit<Agent, "agent">, message: string): ReadFailure => ({
  code: "InvalidAnswer",
  what: `reload the token of pod ${namespace}/${pod}`,
  message,
});

/** null: it is done, or somebody else did it since the probe. */
const TROUBLE: Readonly<Record<ReloadAnswer, string | null>> = {
  succeeded: null,
  gone: null,
  denied: "The command may not end nginx's privileged agent: it runs as another user.",
  "no-successor":
    "nginx has not started another privileged agent. Look at the pod: it may have no service discovery now.",
  unusable: "What the container printed is not the answer of the reload.",
};
