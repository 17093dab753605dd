import type { KubeContainer } from "../model/kubernetes.ts";
import { parseImage } from "./image-version.ts";

/** How the official, Bitnami and API7 charts call it. Of several candidates the earlier name wins. */
const NAMES = ["apisix", "gateway"] as const;

/**
 * The container that runs APISIX. An image that is APISIX or API7's gateway beats a name, since a side-car can be called anything.
 * Of several such images the container called `apisix`, then `gateway`, is taken; several with other names cannot be told apart: null,
 * as when there is none.
 */
export function findApisixContainer(containers: readonly KubeContainer[]): { name: string; image: string } | null {
  const named = containers.flatMap(({ name, image }) => (name && image ? [{ name, image }] : []));
  const byImage = named.filter(({ image }) => parseImage(image).product !== "unknown");
  const candidates = byImage.length > 0 ? byImage : named;
  for (const name of NAMES) {
    const found = candidates.find((container) => container.name === name);
    if (found !== undefined) return found;
  }
  return byImage.length === 1 ? (byImage[0] ?? null) : null;
}
