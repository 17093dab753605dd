import { refreshSeconds } from "../decide/token-interval.ts";
import { RELOAD_MARK, RELOAD_SCRIPT } from "../evidence/reload-script.ts";
import { PROBE_MARK } from "../evidence/token-probe.ts";
import { toRunCommand } from "../model/asked.ts";
import type { KubePod } from "../model/kubernetes.ts";
import { type Read, read, unread } from "../model/read.ts";
import { DAY, type Instant, type Millis, SECOND } from "../model/time.ts";
import type { ExecRequest } from "../ports.ts";
import { reloadContainer } from "./pod-life.ts";
import { failure } from "./refusals.ts";
import { logKey, type SimulatedState } from "./state.ts";

/** The API server extends the injected token to a year, and says so in it. */
const EXTENDED_SECONDS = (365 * DAY) / SECOND;
const INJECTED_SECONDS = 3_607;

/** When its nodes started. */
const BOOT: Instant = Date.UTC(2025, 0, 1);
/** USER_HZ. */
const TICK: Millis = SECOND / 100;
const ticksAt = (at: Instant): number => Math.floor((at - BOOT) / TICK);

/** How long after the start of its container nginx's privileged agent starts. */
const AGENT_DELAY = SECOND;

/** Containers know two commands, the probe of the guard and its reload. */
export function runCommand(state: SimulatedState, request: ExecRequest): Read<Uint8Array> {
  const { namespace, pod: name, container, command } = request;
  const asked = toRunCommand(namespace, name, container);
  const reloads = command.includes(RELOAD_SCRIPT);
  const refused = state.refusals.find({ call: reloads ? "reload" : "exec", asked, namespace, name });
  if (refused !== null) return unread(refused);
  const pod = state.store.get("Pod", namespace, name);
  if (pod === null) return unread(failure("NotFound", asked));
  const running = pod.status?.containerStatuses?.find((one) => one.name === container)?.state?.running;
  if (running?.startedAt === undefined) return unread(failure("Refused", asked));
  const startedAt = new Date(running.startedAt).getTime();
  const reloadedAt = state.reloads.get(logKey(namespace, name, container)) ?? 0;
  const agentAt = Math.max(startedAt + AGENT_DELAY, reloadedAt);
  if (!reloads) return answer([PROBE_MARK, ...probeOf(pod, agentAt, state.clock.now()), "end"]);
  if (command.at(-1) !== String(ticksAt(agentAt))) return answer([RELOAD_MARK, "agent gone", "end"]);
  reloadContainer(state, { namespace, pod: name, container });
  return answer([RELOAD_MARK, "agent ended", "succeeded", "end"]);
}

const answer = (lines: readonly string[]): Read<Uint8Array> =>
  read(new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")));

function probeOf({ metadata, spec }: KubePod, agentAt: Instant, now: Instant): readonly string[] {
  const sources = (spec?.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);
  const expiration = sources.flatMap(({ serviceAccountToken }) => serviceAccountToken?.expirationSeconds ?? [])[0];
  const seconds = expiration ?? INJECTED_SECONDS;
  const renewal = refreshSeconds(seconds) * SECOND;
  const createdAt = new Date(metadata?.creationTimestamp ?? 0).getTime();
  const issuedAt = createdAt + Math.max(0, Math.floor((now - createdAt) / renewal)) * renewal;
  const iat = Math.floor(issuedAt / SECOND);
  const claims = {
    iat,
    exp: iat + (seconds === INJECTED_SECONDS ? EXTENDED_SECONDS : seconds),
    sub: `system:serviceaccount:${metadata?.namespace}:${spec?.serviceAccountName ?? "default"}`,
  };
  return [
    `payload ${Buffer.from(JSON.stringify(claims)).toString("base64url")}`,
    `changed ${iat}`,
    `self ${ticksAt(now)}`,
    `uptime ${((now - BOOT) / SECOND).toFixed(2)}`,
    `now ${Math.floor(now / SECOND)}`,
    `agent ${ticksAt(agentAt)}`,
  ];
}
