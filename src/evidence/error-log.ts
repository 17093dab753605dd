import { isMap, type YamlMap } from "./config-yaml.ts";

/** Levels above `error`, at which the informer logs what failed. */
const SILENT_LEVELS: readonly unknown[] = ["crit", "alert", "emerg"];

/** What leads to the container's output: the images link `logs/error.log` to `/dev/stderr`. */
const ON_OUTPUT = /^(?:stderr|\/dev\/std(?:err|out)|\/proc\/(?:1|self)\/fd\/[12]|(?:.*\/)?logs\/error\.log)$/;

/**
 * Whether `nginx_config` keeps the informer's errors out of the container's output, so that no refusal is ever seen there. What a
 * variable decides is presumed not to.
 */
export function hidesErrors({ nginx_config: nginx }: YamlMap): boolean {
  if (!isMap(nginx)) return false;
  const { error_log: path, error_log_level: level } = nginx;
  if (SILENT_LEVELS.includes(level)) return true;
  return typeof path === "string" && !path.includes("$") && !ON_OUTPUT.test(path);
}
