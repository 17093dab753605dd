import { GuardError } from "../model/errors.ts";
import { DEFAULT_SELECTOR } from "../model/gateway-selector.ts";
import { type LabelRequirement, parseLabelSelector } from "../model/label-selector.ts";

/**
 * A label selector as a CEL expression over a map of labels, with the meaning that it has in a list request. A label is read only
 * where it is known to be there: reading one that is missing is an error in CEL. Keys and values have no character that would need
 * an escape.
 *
 * @param labels an expression that is a map, for objects without labels an empty one
 * @throws GuardError BadUsage when it is no label selector, or an empty one
 */
export function selectorExpression(selector: string, labels: string): string {
  const requirements = parseLabelSelector(selector);
  if (requirements === null || requirements.length === 0)
    throw new GuardError("BadUsage", `"${selector}" is no label selector such as ${DEFAULT_SELECTOR}.`);
  return requirements.map((requirement) => requirementExpression(requirement, labels)).join(" && ");
}

function requirementExpression(requirement: LabelRequirement, labels: string): string {
  const isThere = `'${requirement.key}' in ${labels}`;
  switch (requirement.operator) {
    case "exists":
      return isThere;
    case "absent":
      return `!(${isThere})`;
    case "in":
      return `${isThere} && ${isOneOf(requirement, labels)}`;
    case "notin":
      return `!(${isThere} && ${isOneOf(requirement, labels)})`;
  }
}

const isOneOf = ({ key, values }: Extract<LabelRequirement, { values: unknown }>, labels: string): string =>
  `${labels}['${key}'] in [${values.map((value) => `'${value}'`).join(", ")}]`;
