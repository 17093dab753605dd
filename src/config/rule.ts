import * as z from "zod/mini";
import type { Finding } from "./rules.ts";

/**
 * Ties a rule to the fields of an object that it reads. It runs as soon as these are sound, whatever else is wrong: left alone,
 * zod skips every check of an object after the first mistake in it, and mistakes are reported all at once.
 */
export const rule = <T extends object, K extends keyof T & string>(
  reads: readonly K[],
  check: (value: Pick<T, K>) => Finding | null,
) =>
  z.check<T>((payload) => report(check(payload.value), payload), {
    when: ({ issues }) => issues.every((issue) => !concerns(issue, reads)),
  });

/** Ties a rule to a list. It runs even when entries are unsound, so it must expect entries of any shape. */
export const listRule = (check: (list: readonly unknown[]) => Finding | null) =>
  z.check<unknown[]>((payload) => report(check(payload.value), payload), { when: ({ value }) => Array.isArray(value) });

type Payload = z.core.ParsePayload;

/** An issue without a path concerns the object as a whole; unknown keys are the one such mistake that harms no field. */
function concerns({ code, path }: Payload["issues"][number], reads: readonly string[]): boolean {
  const key = path?.[0];
  return key === undefined ? code !== "unrecognized_keys" : reads.some((read) => read === key);
}

function report(finding: Finding | null, { value, issues }: Payload): void {
  if (finding === null) return;
  const { path, message } = finding;
  issues.push({ code: "custom", input: valueAt(value, path), path: [...path], message });
}

/** What stands at a path of a tree of plain values; undefined when the path leads nowhere. */
export function valueAt(tree: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (node, key) =>
      typeof node === "object" && node !== null && Object.hasOwn(node, key) ? Reflect.get(node, key) : undefined,
    tree,
  );
}
