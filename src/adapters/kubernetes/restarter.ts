import { toPatch } from "../../model/asked.ts";
import type { Restarter } from "../../ports.ts";
import { attempt } from "./attempt.ts";
import { PLURALS } from "./plurals.ts";
import type { ServerAddress } from "./server-address.ts";
import type { Transport } from "./transport.ts";

/** Under this name managedFields keep what the guard has written. */
const FIELD_MANAGER = "apisix-token-guard";

/** Straight from the transport and without retries: a patch whose answer is lost may have been carried out. */
export function kubernetesRestarter(
  { basePath, label }: ServerAddress,
  transport: Transport,
  mode: "store" | "dryRun",
): Restarter {
  const query = new URLSearchParams({ fieldManager: FIELD_MANAGER, ...(mode === "dryRun" ? { dryRun: "All" } : {}) });
  return {
    patch: (ref, body) =>
      attempt(toPatch(ref), label, async () => {
        const [namespace, name] = [ref.namespace, ref.name].map(encodeURIComponent);
        const response = await transport.open({
          method: "PATCH",
          path: `${basePath}/apis/apps/v1/namespaces/${namespace}/${PLURALS[ref.kind]}/${name}?${query}`,
          headers: { accept: "application/json", "content-type": "application/strategic-merge-patch+json" },
          body: JSON.stringify(body),
        });
        // The status has said it all.
        response.destroy();
        return null;
      }),
  };
}
