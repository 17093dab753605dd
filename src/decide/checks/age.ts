import { formatDuration } from "../../model/duration.ts";
import { DAY, type Instant, isoSeconds } from "../../model/time.ts";
import type { GatewayFacts, RunningPod } from "../facts.ts";
import { type LeadTimes, leadTimes } from "../lead-times.ts";
import type { Check } from "./check.ts";

/** A pod whose token can grow too old: a version that reads it once, from a file that the kubelet renews. */
export function ageing(facts: GatewayFacts): readonly (RunningPod & { readonly times: LeadTimes })[] {
  return facts.running.flatMap((pod) => {
    const times =
      pod.reading === "once" || pod.reading === "unknown" ? leadTimes(pod.token, facts.settings.policy) : null;
    return times === null ? [] : [{ ...pod, times }];
  });
}

/** The deadline is so near that the restart no longer waits for a window. */
export const nearDeadline: Check = (facts) => {
  const first = earliest(facts, ({ urgentAt }) => urgentAt);
  if (first === null || facts.now < first.times.urgentAt) return null;
  const left = first.times.deadline - facts.now;
  return {
    verdict: "expiring",
    reason: "NearDeadline",
    message:
      left > 0
        ? `Its oldest token may be refused in ${formatDuration(left)} (${isoSeconds(first.times.deadline)}).${clipNote(first.times)}`
        : `Its oldest token has been past its earliest deadline for ${formatDuration(left)}; no refusal has been seen yet, and one ` +
          `can take 47 minutes to show.${clipNote(first.times)}`,
  };
};

/** Old enough for a routine restart. */
export const dueForRestart: Check = (facts) => {
  const first = earliest(facts, ({ dueAt }) => dueAt);
  if (first === null || facts.now < first.times.dueAt) return null;
  const age = facts.now - (first.token.issuedAt?.earliest ?? first.readAt);
  const left = first.times.deadline - facts.now;
  return {
    verdict: "due",
    reason: first.times.dueBy,
    message: `Its oldest token is ${formatDuration(age)} old and may be refused in ${formatDuration(left)} (${isoSeconds(first.times.deadline)}).${clipNote(first.times)}`,
  };
};

/** When age alone changes the verdict, past and future. */
export const ageChanges = (facts: GatewayFacts): readonly Instant[] =>
  ageing(facts).flatMap(({ times }) => [times.dueAt, times.urgentAt]);

function earliest(facts: GatewayFacts, moment: (times: LeadTimes) => number) {
  const pods = ageing(facts);
  return pods.length === 0
    ? null
    : pods.reduce((first, pod) => (moment(pod.times) < moment(first.times) ? pod : first));
}

function clipNote(times: LeadTimes): string {
  if (!times.clipped) return "";
  const windowNote = times.slack < DAY ? " No maintenance window can hold a restart back that long." : "";
  return ` Lead times are clipped to a third and a ninth of its lifetime.${windowNote}`;
}
