import { isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";

export type YamlTree =
  | {
      readonly ok: true;
      readonly tree: unknown;
      /** The line of what stands at a path, or of the nearest thing around it; null when that is the whole file. */
      readonly lineOf: (path: readonly PropertyKey[]) => number | null;
    }
  | { readonly ok: false; readonly faults: readonly { readonly line: number | null; readonly message: string }[] };

/**
 * Reads YAML 1.2 (so `no` and `01:00` are texts). The parser's own messages quote the source, which may be a kubeconfig given by
 * mistake: only its codes are shown, and its
 * warnings, which it would print by itself, are off.
 */
export function readYaml(text: string): YamlTree {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
  // A warning is a tag that YAML does not know: the value would not be what its writer means.
  const faults = [...document.errors, ...document.warnings].map(({ code, pos: [start] }) => ({
    line: lines.linePos(start).line,
    message: `not valid YAML (${code.toLowerCase().replaceAll("_", " ")})`,
  }));
  if (faults.length > 0) return { ok: false, faults };
  try {
    const lineOf = (path: readonly PropertyKey[]) => {
      const start = startOf(document.contents, path);
      return start === null ? null : lines.linePos(start).line;
    };
    return { ok: true, tree: document.toJS(), lineOf };
  } catch {
    // toJS() throws for an alias without an anchor, and for aliases that multiply without bound.
    return { ok: false, faults: [{ line: null, message: "not valid YAML (unusable alias)" }] };
  }
}

/** The offset at which the key or list entry at the path starts. */
function startOf(root: unknown, path: readonly PropertyKey[]): number | null {
  let node = root;
  let start: number | null = null;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
      if (pair === undefined) break;
      if (isScalar(pair.key)) start = pair.key.range?.[0] ?? start;
      node = pair.value;
    } else if (isSeq(node) && typeof step === "number") {
      node = node.items[step];
      start = rangeStart(node) ?? start;
    } else break;
  }
  return start;
}

const rangeStart = (node: unknown): number | null =>
  isScalar(node) || isMap(node) || isSeq(node) ? (node.range?.[0] ?? null) : null;
