import type { Target } from "../fleet.ts";
import { GuardError } from "../model/errors.ts";
import type { WorkloadKind } from "../model/workload.ts";
import type { GatewayName } from "../observe/find-gateway.ts";
import type { Format } from "./format.ts";
import { refreshOne, rehearseOne } from "./one-gateway.ts";
import { note } from "./output.ts";
import { runHealing, runRehearsal } from "./run.ts";
import { type ClusterOptions, type Setup, setUp } from "./setup.ts";

/** The options as parsed, by the names of their flags. */
export interface RefreshOptions extends ClusterOptions {
  readonly kind?: WorkloadKind;
  readonly dryRun?: boolean;
  readonly output: Format;
}

/** Restarts one gateway, waits for the proof and prints the report on it. Returns the exit code: never 0 without a restart. */
export async function refresh(
  { namespace, name }: Omit<GatewayName, "kind">,
  { kind, dryRun = false, output, ...options }: RefreshOptions,
): Promise<number> {
  const setup = await setUp(options);
  const target = onlyTarget(setup);
  const wanted = { namespace, name, kind: kind ?? null };
  if (dryRun) {
    const { code, tried } = await runRehearsal(setup, output, (options) => rehearseOne(target, wanted, options));
    return tried ? code : Math.max(code, 1);
  }
  const { code, restarted, inDoubt } = await runHealing(setup, output, async (options) => [
    await refreshOne(target, wanted, options),
  ]);
  if (restarted) return code;
  if (!inDoubt) note(`${namespace}/${name} was not restarted; the report says why`);
  return Math.max(code, 1);
}

function onlyTarget({ targets }: Setup): Target {
  const [target, ...others] = targets;
  if (target !== undefined && others.length === 0) return target;
  const names = targets.map(({ name }) => name).join(", ");
  throw new GuardError("BadUsage", `refresh acts on one cluster; say which with --context: ${names}`);
}
