import type { KubeLabelSelector } from "../model/kubernetes.ts";

const SET_OPERATORS: Readonly<Record<string, string>> = { In: "in", NotIn: "notin" };

/**
 * A workload's label selector in the text form that list requests take. Null when it is empty or has an operator that is not
 * known: an empty text would select every pod of the namespace.
 */
export function selectorText(selector: KubeLabelSelector | undefined): string | null {
  const parts = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  for (const { key, operator, values } of selector?.matchExpressions ?? []) {
    if (key === undefined || operator === undefined) return null;
    const word = SET_OPERATORS[operator];
    if (word !== undefined) parts.push(`${key} ${word} (${(values ?? []).join(",")})`);
    else if (operator === "Exists") parts.push(key);
    else if (operator === "DoesNotExist") parts.push(`!${key}`);
    else return null;
  }
  return parts.length === 0 ? null : parts.join(",");
}
