import type { Reason, Verdict } from "../../model/decision.ts";
import type { GatewayFacts } from "../facts.ts";

/** What a check found, in words for the person who asks why. */
export interface Finding {
  readonly verdict: Verdict;
  readonly reason: Reason;
  readonly message: string;
}

/** One rule of the verdict: null means that it says nothing about this gateway. */
export type Check = (facts: GatewayFacts) => Finding | null;

/** `pod a`, `pods a and b`, `pods a, b and 3 more` */
export function namePods(pods: readonly { readonly pod: { readonly name: string } }[]): string {
  const names = pods.map(({ pod }) => pod.name);
  if (names.length === 1) return `pod ${names[0]}`;
  const shown = names.length > 3 ? [...names.slice(0, 2), `${names.length - 2} more`] : names;
  return `pods ${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
