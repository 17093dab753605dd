import { loadPackaged } from "../src/config/packaged.ts";
import type { GuardConfig } from "../src/config/schema.ts";
import { explain } from "../src/report/explain.ts";
import { accessEntries } from "./access-entries.ts";
import { alarmEmail } from "./alarm-email.ts";
import { alarms } from "./alarms.ts";
import { attribute, type Value } from "./cloudformation.ts";
import { clustersOf } from "./clusters.ts";
import { dashboard } from "./dashboard.ts";
import { mistakes } from "./mistakes.ts";
import { roles } from "./roles.ts";
import { FUNCTIONS, roleId, type Settings } from "./settings.ts";

/**
 * The part of the stack that follows from guard.yml and the parameters.
 *
 * @param folder of the functions that are packaged: what they carry decides, so that permissions are those of the guard that runs
 * @throws an error that lists all that cannot be deployed; nothing has been sent to AWS by then
 */
export async function stackFor(folder: string, settings: Settings): Promise<object> {
  const { config } = await loadPackaged(folder).catch((error) => {
    throw refusal(explain(error));
  });
  const found = mistakes(config, settings);
  if (found.length > 0) throw refusal(`This cannot be deployed:${found.map((one) => `\n  ${one}`).join("")}`);
  return stackOf(config, settings);
}

/** The framework prints the stack of an error where there is one; a person needs the message only. */
const refusal = (stack: string): Error => Object.assign(new Error(), { stack });

function stackOf(config: GuardConfig, settings: Settings): object {
  const clusters = clustersOf(config, settings.region);
  return {
    Resources: {
      ...roles(clusters, settings),
      ...accessEntries(clusters.named.filter(({ region }) => region === settings.region)),
      ...alarms(settings),
      ...alarmEmail(settings),
      ...dashboard(settings),
    },
    Outputs: Object.fromEntries(FUNCTIONS.map((name) => [`${roleId(name)}Arn`, roleOutput(roleId(name))])),
  };
}

const roleOutput = (id: string): { readonly Description: string; readonly Value: Value } => ({
  Description: "For access entries and roles elsewhere.",
  Value: attribute(id, "Arn"),
});
