import type { ManifestOptions } from "../manifests/rbac.ts";
import { manifestsYaml } from "../manifests/yaml.ts";
import { GuardError } from "../model/errors.ts";
import { print } from "./output.ts";

/** Prints what is to be applied. Returns the exit code. */
export async function manifests(options: ManifestOptions): Promise<number> {
  if (options.group === options.readGroup)
    throw new GuardError("BadUsage", "--group and --read-group are the same: then who only looks could restart.");
  await print(process.stdout, manifestsYaml(options));
  return 0;
}
