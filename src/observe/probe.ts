import { parseImage, tokenReading } from "../evidence/image-version.ts";
import { probeCommand } from "../evidence/probe-script.ts";
import { MAX_PROBE_BYTES, parseProbe } from "../evidence/token-probe.ts";
import type { GatewayConfig } from "../model/discovery.ts";
import type { GatewayPod } from "../model/pod.ts";
import type { TokenProbe } from "../model/probe.ts";
import { type Read, read, unread } from "../model/read.ts";
import { type Millis, SECOND } from "../model/time.ts";
import type { Exec } from "../ports.ts";

/** The script takes milliseconds; a node that takes this long has other troubles. */
const MAX_PROBE_TIME: Millis = 10 * SECOND;

/** Runs the probe in a pod; null where there is nothing to ask: no running APISIX, or a token whose age does not matter. */
export async function readProbe(
  exec: Exec,
  namespace: string,
  { name: pod, container, token }: GatewayPod,
  config: GatewayConfig | null,
): Promise<Read<TokenProbe> | null> {
  if (container?.startedAt == null || token.kind !== "projected" || config?.discovery.state === "off") return null;
  if (!readsOnce(container.image)) return null;
  const answer = await exec.run({
    namespace,
    pod,
    container: container.name,
    command: probeCommand(token.path),
    maxBytes: MAX_PROBE_BYTES,
    maxTime: MAX_PROBE_TIME,
  });
  if (!answer.ok) return answer;
  const probe = parseProbe(new TextDecoder("latin1").decode(answer.value));
  if (!("unusable" in probe)) return read(probe);
  return unread({ code: "InvalidAnswer", what: `probe the token of pod ${namespace}/${pod}`, message: probe.unusable });
}

function readsOnce(image: string): boolean {
  const reading = tokenReading(image);
  return parseImage(image).product !== "api7" && (reading === "once" || reading === "unknown");
}
