import { NO_AGENT, parseReload, type ReloadAnswer, reloadCommand } from "../evidence/reload-script.ts";
import type { GatewayObservation } from "../model/observation.ts";
import { type Read, read, unread } from "../model/read.ts";
import { type Millis, SECOND } from "../model/time.ts";
import { gatewayId } from "../model/workload.ts";
import type { Exec } from "../ports.ts";

/** The script itself waits five seconds at most; the rest is for a busy node. */
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
 * Has every pod of a gateway read its token again, one after another. The first that does not ends it: what is left keeps the token it
 * has, which the next look finds, and a restart follows.
 */
export async function reloadPods(
  exec: Exec,
  gateway: GatewayObservation,
  { hasTime, warn }: ReloadOptions,
): Promise<void> {
  for (const agent of agentsOf(gateway)) {
    const answer = hasTime?.() === false ? unread(outOfTime(agent)) : await reloadAgent(exec, agent);
    if (answer.ok) continue;
    warn(`The reload of ${gatewayId(gateway.workload)} ended at pod ${agent.pod}: ${answer.failure.message}`);
    return;
  }
}

/** Asks the pods of a gateway what they would say to a reload, with one that is of no process: nothing is changed. */
export async function tryReload(exec: Exec, gateway: GatewayObservation): Promise<Read<null>> {
  for (const agent of agentsOf(gateway)) {
    const answer = await reloadAgent(exec, { ...agent, agent: NO_AGENT });
    if (!answer.ok) return answer;
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
  return message === null ? read(null) : unread({ code: "InvalidAnswer", what: whatOf(where), message });
}

const whatOf = ({ namespace, pod }: Omit<Agent, "agent">): string => `reload the token of pod ${namespace}/${pod}`;

const outOfTime = (agent: Agent) =>
  ({ code: "Timeout", what: whatOf(agent), message: "There is no time left in this run." }) as const;

/** null: it is done, or somebody else did it since the probe. */
const TROUBLE: Readonly<Record<ReloadAnswer, string | null>> = {
  succeeded: null,
  gone: null,
  denied: "The command may not end nginx's privileged agent: it runs as another user.",
  "no-successor":
    "nginx has not started another privileged agent. Look at the pod: it may have no service discovery now.",
  unusable: "What the container printed is not the answer of the reload.",
};
