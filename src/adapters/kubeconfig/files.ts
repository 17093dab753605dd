import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import * as z from "zod/mini";
import { GuardError } from "../../model/errors.ts";
import { showPath } from "../../report/without-credentials.ts";

/** An entry of `clusters`, `users` or `contexts`, not looked into yet: kubectl, too, minds only the entries it uses. */
export interface Entry {
  readonly name: string;
  readonly value: unknown;
  readonly file: string;
}

/** All kubeconfig files merged. */
export interface Kubeconfig {
  readonly files: readonly string[];
  readonly currentContext: string | null;
  readonly contexts: ReadonlyMap<string, Entry>;
  readonly clusters: ReadonlyMap<string, Entry>;
  readonly users: ReadonlyMap<string, Entry>;
}

/**
 * The files to read. `--kubeconfig` alone when it is given; else those of KUBECONFIG, of which some may be missing; else
 * `~/.kube/config`. null: none of the usual places has one.
 */
export function findFiles(
  option: string | null,
  environment: Readonly<Record<string, string | undefined>>,
): string[] | null {
  if (option !== null) return [option];
  const named = (environment.KUBECONFIG ?? "").split(delimiter).filter((file) => file !== "");
  if (named.length > 0) {
    const found = named.filter((file) => existsSync(file));
    if (found.length > 0) return found;
    throw new GuardError(
      "BadKubeconfig",
      `No file of KUBECONFIG exists (${showPath(named.join(", "))}); correct it or give --kubeconfig.`,
    );
  }
  const usual = join(environment.HOME ?? homedir(), ".kube", "config");
  return existsSync(usual) ? [usual] : null;
}

/** Merged as kubectl does: of two entries with one name the first file's counts, and so does the first current context. */
export function readFiles(files: readonly string[]): Kubeconfig {
  const contexts = new Map<string, Entry>();
  const clusters = new Map<string, Entry>();
  const users = new Map<string, Entry>();
  let currentContext: string | null = null;
  for (const file of files) {
    const content = readFile(file);
    currentContext ??= content["current-context"] || null;
    keepFirst(file, contexts, content.contexts, ({ context }) => context);
    keepFirst(file, clusters, content.clusters, ({ cluster }) => cluster);
    keepFirst(file, users, content.users, ({ user }) => user);
  }
  return { files, currentContext, contexts, clusters, users };
}

function keepFirst<E extends { name: string }>(
  file: string,
  into: Map<string, Entry>,
  entries: readonly E[] | null | undefined,
  content: (entry: E) => unknown,
): void {
  for (const entry of entries ?? []) {
    if (!into.has(entry.name)) into.set(entry.name, { name: entry.name, value: content(entry), file });
  }
}

const FILE = z.object({
  "current-context": z.nullish(z.string()),
  contexts: z.nullish(z.array(z.object({ name: z.string(), context: z.optional(z.unknown()) }))),
  clusters: z.nullish(z.array(z.object({ name: z.string(), cluster: z.optional(z.unknown()) }))),
  users: z.nullish(z.array(z.object({ name: z.string(), user: z.optional(z.unknown()) }))),
});

function readFile(file: string): z.infer<typeof FILE> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new GuardError(
      "BadKubeconfig",
      `${showPath(file)} cannot be read (${errorCode(error)}); correct --kubeconfig or KUBECONFIG.`,
    );
  }
  return parseEntry(FILE, parseYaml(text, file), file);
}

/** Only the place of a mistake is told: the parser's own messages and warnings quote the text, which may be the token. */
function parseYaml(text: string, file: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, logLevel: "error" });
  const [mistake] = document.errors;
  if (mistake !== undefined) {
    const { line, col } = lineCounter.linePos(mistake.pos[0]);
    throw new GuardError(
      "BadKubeconfig",
      `${file} is not valid YAML (line ${line}, column ${col}); correct it or give another with --kubeconfig.`,
    );
  }
  try {
    return document.toJS();
  } catch {
    throw new GuardError("BadKubeconfig", `${file} is not a kubeconfig: its aliases cannot be resolved.`);
  }
}

/** `place` begins the message when the value is not what the schema wants. Values themselves are never quoted. */
export function parseEntry<T>(schema: z.ZodMiniType<T>, value: unknown, place: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const mistakes = result.error.issues.map(({ path, ...issue }) => {
    const wanted = "expected" in issue ? `must be ${issue.expected}` : "has a value that is not allowed";
    return `${path.length === 0 ? "it" : path.join(".")} ${wanted}`;
  });
  throw new GuardError("BadKubeconfig", `${place} is not what a kubeconfig holds: ${mistakes.join("; ")}.`);
}

/** A path in a kubeconfig is relative to the file that names it. */
export const besideFile = (file: string, path: string): string => resolve(dirname(file), path);

export const errorCode = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "no code";
