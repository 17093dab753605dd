/**
 * Writes the Kubernetes manifests for those who apply files instead of running `apisix-token-guard manifests`. Run it after
 * changing them: `node tools/manifests.ts`.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { DEFAULT_GROUP, DEFAULT_READ_GROUP } from "../src/manifests/group.ts";
import { manifestsYaml } from "../src/manifests/yaml.ts";
import { DEFAULT_SELECTOR } from "../src/model/gateway-selector.ts";

export const MANIFESTS_FILE = "infra/kubernetes/guard.yaml";

/** For the default groups, the default selector and all namespaces. */
export const publishedManifests = (): string =>
  manifestsYaml({ group: DEFAULT_GROUP, readGroup: DEFAULT_READ_GROUP, selector: DEFAULT_SELECTOR, namespaces: [] });

if (import.meta.main) {
  await mkdir(dirname(MANIFESTS_FILE), { recursive: true });
  await writeFile(MANIFESTS_FILE, publishedManifests());
}
