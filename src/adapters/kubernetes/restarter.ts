import { toPatch } from "../../model/asked.ts";
import type { Read } from "../../model/read.ts";
import type { GatewayRef } from "../../model/workload.ts";
import type { Access, Restarter } from "../../ports.ts";
import { attempt } from "./attempt.ts";
import { requireJson } from "./body.ts";
import { eventCreator } from "./events.ts";
import { PLURALS } from "./plurals.ts";
import type { ServerAddress } from "./server-address.ts";
import type { Transport } from "./transport.ts";
import { type WriteMode, writeQuery } from "./write-query.ts";

/** Straight from the transport and without retries: a patch whose answer is lost may have been carried out. */
export function kubernetesRestarter(address: ServerAddress, transport: Transport, mode: WriteMode): Restarter {
  return { patch: patcher(address, transport, mode), createEvent: eventCreator(address, transport, mode) };
}

/** The label with which the guard asks whether it could change more than it should; no API server ever stores it. */
const PROBE = { spec: { template: { metadata: { labels: { "apisix-token-guard/probe": "dry-run" } } } } };

/** Without a resourceVersion, since whoever asks does not want to hear that the status has moved on. */
export function tryRelabel(address: ServerAddress, transport: Transport): Access["tryRelabel"] {
  const patch = patcher(address, transport, "dryRun");
  return (ref) => patch(ref, PROBE);
}

function patcher({ basePath, label }: ServerAddress, transport: Transport, mode: WriteMode) {
  const query = writeQuery(mode);
  return (ref: GatewayRef, body: object): Promise<Read<null>> =>
    attempt(toPatch(ref), label, async () => {
      const [namespace, name] = [ref.namespace, ref.name].map(encodeURIComponent);
      const response = await transport.open({
        method: "PATCH",
        path: `${basePath}/apis/apps/v1/namespaces/${namespace}/${PLURALS[ref.kind]}/${name}?${query}`,
        headers: { accept: "application/json", "content-type": "application/strategic-merge-patch+json" },
        body: JSON.stringify(body),
      });
      requireJson(response, label);
      // The status has said it all.
      response.destroy();
      return null;
    });
}
