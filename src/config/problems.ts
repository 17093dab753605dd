import type * as z from "zod/mini";
import { nearest } from "../model/nearest.ts";
import { durationText } from "./duration.ts";
import { valueAt } from "./rule.ts";
import { show, showKey } from "./show.ts";

/** One mistake in guard.yml. */
export interface Problem {
  /** Where it is in the tree: `["policy", "windows", 0, "from"]`. */
  readonly path: readonly PropertyKey[];
  /** The value and what is allowed instead. */
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

/** Puts what zod found into words, one problem for each mistake. `raw` is the tree that was read. */
export function problemsOf(issues: readonly Issue[], raw: unknown): Problem[] {
  return issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(issue, key));
    if (issue.code === "invalid_union") return problemsOf(meantBranch(issue, raw), raw);
    return [wrongValue(issue, valueAt(raw, issue.path))];
  });
}

/** `policy.windows[0].from` */
export function pathText(path: readonly PropertyKey[]): string {
  const steps = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${showKey(String(key))}`));
  return steps.join("").replace(/^\./, "");
}

/** An entry of `clusters` is a search when it holds `discover`, whatever else it holds, and else one named cluster. */
function meantBranch(issue: Extract<Issue, { code: "invalid_union" }>, raw: unknown): Issue[] {
  const searches = valueAt(raw, [...issue.path, "discover"]) !== undefined;
  const branch = issue.errors.at(searches ? 1 : 0) ?? [];
  return branch.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

function unknownKey({ path, message: known }: Issue, key: string): Problem {
  return { path: [...path, key], message: `unknown key${hint(key, known.split(", "))}; allowed: ${known}` };
}

function wrongValue(issue: Issue, value: unknown): Problem {
  if (issue.code !== "invalid_value")
    return { path: issue.path, message: `${subject(issue, value)} must be ${issue.message}` };
  const values = issue.values.map(String);
  const message = `${subject(issue, value)} must be one of ${values.join(", ")}${hint(value, values)}`;
  return { path: issue.path, message };
}

function hint(written: unknown, known: readonly string[]): string {
  const meant = typeof written === "string" ? nearest(written, known) : null;
  return meant === null ? "" : ` (did you mean ${meant}?)`;
}

/** What the sentence is about: the value as written, or why there is none. */
function subject({ path, input }: Issue, value: unknown): string {
  if (path.length === 0) return "the file";
  if (value === null) return "empty,";
  if (value !== undefined) return show(value);
  return typeof input === "number" ? `${durationText(input)} (the default)` : "missing,";
}
