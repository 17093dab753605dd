import { type LabelRequirement, parseLabelSelector } from "../model/label-selector.ts";

type Labels = Readonly<Record<string, string>>;

/** A label selector in the API's text form as a test of labels, or null when it is not one. */
export function labelTest(text: string): ((labels: Labels | undefined) => boolean) | null {
  const requirements = parseLabelSelector(text);
  if (requirements === null) return null;
  return (labels = {}) => requirements.every((requirement) => holds(requirement, labels));
}

function holds(requirement: LabelRequirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
  switch (requirement.operator) {
    case "in":
      return value !== undefined && requirement.values.includes(value);
    case "notin":
      return value === undefined || !requirement.values.includes(value);
    case "exists":
      return value !== undefined;
    case "absent":
      return value === undefined;
  }
}
