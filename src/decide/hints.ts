import { parseImage } from "../evidence/image-version.ts";
import type { AdviceCode, Hint } from "../model/advice.ts";
import { formatDuration } from "../model/duration.ts";
import type { Policy } from "../model/policy.ts";
import { HOUR, type Instant, type Millis } from "../model/time.ts";
import { ageing } from "./checks/age.ts";
import { isDiscoveryOff } from "./checks/discovery.ts";
import type { GatewayFacts, RunningPod } from "./facts.ts";
import { INJECTED_EXPIRATION_SECONDS } from "./lifetime.ts";
import { frozenUntil, windowAt } from "./window.ts";

type Rule = (facts: GatewayFacts) => readonly (string | null)[];

/** What would help one gateway, beyond its next restart; nothing where no token matters. */
export function hintsFor(facts: GatewayFacts): readonly Hint[] {
  if (isDiscoveryOff(facts)) return [];
  return (Object.keys(RULES) as AdviceCode[]).flatMap((code) =>
    [...new Set(RULES[code](facts))].map((about) => ({ code, about })),
  );
}

/** Each gives what the advice is about, as often as it likes; nothing: it does not apply. */
const RULES: Readonly<Record<AdviceCode, Rule>> = {
  // A static token is read once by every version.
  UpgradeApisix: ({ running }) =>
    running
      .filter(({ reading, pod }) => reading === "once" && pod.token.kind !== "static")
      .map(({ pod }) => parseImage(pod.container?.image ?? "").version),
  RemoveTokenVolume: ({ running }) =>
    running.filter(growsOld).flatMap(({ pod: { token } }) => {
      const isOwn = token.kind === "projected" && token.expirationSeconds !== INJECTED_EXPIRATION_SECONDS;
      return isOwn ? [String(token.expirationSeconds)] : [];
    }),
  SetTokenLifetime: ({ running }) =>
    running.filter(growsOld).flatMap(({ token: { lifetime } }) => {
      if (lifetime?.from === "assumed") return [null];
      return lifetime?.from === "learned" ? [inGuardYml(lifetime.millis)] : [];
    }),
  ReplaceStaticToken: ({ running }) =>
    running
      .filter((pod) => pod.pod.token.kind === "static" || (pod.pod.token.kind === "file" && growsOld(pod)))
      .map(none),
  GrantDiscovery: ({ gateway: { mayDiscover, workload } }) =>
    mayDiscover?.ok && mayDiscover.value !== "allowed"
      ? [`${workload.namespace}/${workload.template.serviceAccount}`]
      : [],
  ShowErrorLog: ({ running, gateway: { config } }) =>
    config?.ok && config.value.hidesErrors ? running.filter(canBeRefused).map(none) : [],
  KeepLogsLonger: ({ running }) => running.filter((pod) => pod.log === "not-covered" && canBeRefused(pod)).map(none),
  MoveWindows: (facts) =>
    ageing(facts).flatMap(({ times: { dueAt, urgentAt } }) =>
      opensBetween(facts.settings.policy, dueAt, urgentAt) ? [] : [formatDuration(Math.max(0, urgentAt - dueAt))],
    ),
};

const none = () => null;

const growsOld = ({ reading }: RunningPod): boolean => reading === "once" || reading === "unknown";

const canBeRefused = (pod: RunningPod): boolean =>
  growsOld(pod) || pod.reading === "refusals-only" || pod.pod.token.kind === "static";

/** As `tokenLifetime` is written: `23h`, `89d 22h`; rounded down to hours, since acting early is the safe side. */
const inGuardYml = (lifetime: Millis): string =>
  formatDuration(Math.floor(lifetime / HOUR) * HOUR).replaceAll(/ (?=[dh])/g, "");

/** Whether a routine restart may happen at some time between two moments. */
function opensBetween({ windows, freeze }: Policy, from: Instant, to: Instant): boolean {
  for (let moment: Instant | null = from; moment !== null && moment < to; ) {
    const opening = windowAt(windows, moment);
    if (!opening.open) {
      moment = opening.opensAt;
      continue;
    }
    const thawed = frozenUntil(freeze, moment);
    if (thawed === null) return true;
    moment = thawed;
  }
  return false;
}
