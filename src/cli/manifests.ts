import type { ManifestOptions } from "../manifests/rbac.ts";
import { manifestsYaml } from "../manifests/yaml.ts";
import { print } from "./output.ts";

/** Prints what is to be applied. Returns the exit code. */
export async function manifests(options: ManifestOptions): Promise<number> {
  await print(process.stdout, manifestsYaml(options));
  return 0;
}
