/** One condition of a label selector; all of them must hold. */
export type LabelRequirement =
  | { readonly operator: "in" | "notin"; readonly key: string; readonly values: readonly string[] }
  | { readonly operator: "exists" | "absent"; readonly key: string };

const KEY = String.raw`[\w./-]+`;
const EQUALITY = new RegExp(`^(${KEY})\\s*(==|=|!=)\\s*([\\w.-]*)$`);
const SET = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const EXISTENCE = new RegExp(`^(!?)\\s*(${KEY})$`);

/** Of label keys behind their prefix, and of values, which may be empty (apimachinery api/validate/content). */
const NAME = "[A-Za-z0-9](?:[\\w.-]{0,61}[A-Za-z0-9])?";
const DNS_LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?";
const LABEL_KEY = new RegExp(`^(?:(?=[^/]{1,253}/)${DNS_LABEL}(?:\\.${DNS_LABEL})*/)?${NAME}$`);
const LABEL_VALUE = new RegExp(`^(?:${NAME})?$`);

/**
 * A label selector in the API's text form, or null when it is not one: the API answers that with 400. Empty text selects everything.
 * `=` is `in` of one value and `!=` is `notin`, which as in Kubernetes also hold for objects without the label (apimachinery
 * labels/selector.go). Comparisons of numbers (`>`, `<`) are not known.
 */
export function parseLabelSelector(text: string): readonly LabelRequirement[] | null {
  const requirements: LabelRequirement[] = [];
  for (const part of splitRequirements(text)) {
    const requirement = parseRequirement(part);
    if (requirement === null || !isSound(requirement)) return null;
    requirements.push(requirement);
  }
  return requirements;
}

/** At the commas that are not inside parentheses. */
function splitRequirements(text: string): string[] {
  if (text.trim() === "") return [];
  return text.split(/,(?![^(]*\))/).map((requirement) => requirement.trim());
}

function parseRequirement(text: string): LabelRequirement | null {
  const equality = EQUALITY.exec(text);
  if (equality !== null) {
    const [, key = "", operator, value = ""] = equality;
    return { operator: operator === "!=" ? "notin" : "in", key, values: [value] };
  }
  const set = SET.exec(text);
  if (set !== null) {
    const [, key = "", operator, list = ""] = set;
    // Nothing between commas or parentheses is the empty value.
    const values = list.split(",").map((value) => value.trim());
    return { operator: operator === "in" ? "in" : "notin", key, values };
  }
  const existence = EXISTENCE.exec(text);
  if (existence !== null) {
    const [, negated, key = ""] = existence;
    return { operator: negated === "" ? "exists" : "absent", key };
  }
  return null;
}

function isSound(requirement: LabelRequirement): boolean {
  const values = "values" in requirement ? requirement.values : [];
  return LABEL_KEY.test(requirement.key) && values.every((value) => LABEL_VALUE.test(value));
}
