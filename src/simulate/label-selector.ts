type Labels = Readonly<Record<string, string>>;

const KEY = String.raw`[\w./-]+`;
const EQUALITY = new RegExp(`^(${KEY})\\s*(==|=|!=)\\s*([\\w.-]*)$`);
const SET = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const EXISTENCE = new RegExp(`^(!?)\\s*(${KEY})$`);

/**
 * A label selector in the API's text form as a test of labels, or null when it is not one: the API answers that with 400.
 * As in Kubernetes, `!=` and `notin` also hold for objects without the label (apimachinery labels/selector.go).
 */
export function parseLabelSelector(text: string): ((labels: Labels | undefined) => boolean) | null {
  const tests: ((labels: Labels) => boolean)[] = [];
  for (const requirement of splitRequirements(text)) {
    const test = parseRequirement(requirement);
    if (test === null) return null;
    tests.push(test);
  }
  return (labels = {}) => tests.every((test) => test(labels));
}

/** At the commas that are not inside parentheses. */
function splitRequirements(text: string): string[] {
  if (text.trim() === "") return [];
  return text.split(/,(?![^(]*\))/).map((requirement) => requirement.trim());
}

function parseRequirement(text: string): ((labels: Labels) => boolean) | null {
  const equality = EQUALITY.exec(text);
  if (equality !== null) {
    const [, key = "", operator, value] = equality;
    return operator === "!=" ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const set = SET.exec(text);
  if (set !== null) {
    const [, key = "", operator, list = ""] = set;
    const values = list.split(",").map((value) => value.trim());
    const isIn = (labels: Labels) => values.includes(labels[key] ?? "") && key in labels;
    return operator === "in" ? isIn : (labels) => !isIn(labels);
  }
  const existence = EXISTENCE.exec(text);
  if (existence !== null) {
    const [, negated, key = ""] = existence;
    return (labels) => key in labels === (negated === "");
  }
  return null;
}
