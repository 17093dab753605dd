import { refreshSeconds } from "../decide/token-interval.ts";
import { PROBE_MARK } from "../evidence/token-probe.ts";
import { toRunCommand } from "../model/asked.ts";
import type { KubePod } from "../model/kubernetes.ts";
import { type Read, read, unread } from "../model/read.ts";
import { DAY, type Instant, SECOND } from "../model/time.ts";
import type { ExecRequest } from "../ports.ts";
import { failure } from "./refusals.ts";
import { logKey, type SimulatedState } from "./state.ts";

/** The API server extends the injected token to a year, and says so in it. */
const EXTENDED_SECONDS = (365 * DAY) / SECOND;
const INJECTED_SECONDS = 3_607;

/** The machine has been running for so long. */
const UPTIME_SECONDS = 500 * 86_400;

/** How long after the start of its container nginx's privileged agent starts. */
const AGENT_DELAY = SECOND;

/** Containers know one command, the probe of the guard; whatever is run is taken for it. */
export function runProbe(state: SimulatedState, request: ExecRequest): Read<Uint8Array> {
  const { namespace, pod: name, container } = request;
  const asked = toRunCommand(namespace, name, container);
  const refused = state.refusals.find({ call: "exec", asked, namespace, name });
  if (refused !== null) return unread(refused);
  const pod = state.store.get("Pod", namespace, name);
  if (pod === null) return unread(failure("NotFound", asked));
  const running = pod.status?.containerStatuses?.find((one) => one.name === container)?.state?.running;
  if (running?.startedAt === undefined) return unread(failure("Refused", asked));
  const startedAt = new Date(running.startedAt).getTime();
  const reloadedAt = state.reloads.get(logKey(namespace, name, container)) ?? 0;
  const answer = probeOf(pod, Math.max(startedAt + AGENT_DELAY, reloadedAt), state.clock.now());
  return read(new TextEncoder().encode(answer));
}

function probeOf({ metadata, spec }: KubePod, agentAt: Instant, now: Instant): string {
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
  const ticksAt = (at: Instant) => UPTIME_SECONDS * 100 - Math.floor((now - at) / (SECOND / 100));
  return [
    PROBE_MARK,
    `payload ${Buffer.from(JSON.stringify(claims)).toString("base64url")}`,
    `changed ${iat}`,
    `self ${ticksAt(now)}`,
    `uptime ${UPTIME_SECONDS}.00`,
    `now ${Math.floor(now / SECOND)}`,
    `agent ${ticksAt(agentAt)}`,
    "end\n",
  ].join("\n");
}
