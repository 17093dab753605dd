import { inspect, stripVTControlCharacters } from "node:util";
import { expect } from "vitest";
import { CANARIES } from "./inventory.ts";

/** So much of a secret in one piece is a leak: a prefix of a token, or a piece of a line that was wrapped. */
const FRAGMENT = 8;

/** Of every presigned URL and of the token that is made of one. */
const MARKS = ["k8s-aws-v1", "x-amz-signature", "x-amz-credential", "x-amz-security-token"];

/** Encodings can lie in each other: a token in a header in a body. */
const DEPTH = 2;

export interface Leak {
  readonly canary: string;
  /** The piece that was found, in lower case. */
  readonly piece: string;
  /** How the text had to be read: `as it is`, `base64`, `URL > base64` … */
  readonly read: string;
}

/** Every piece of every canary, in lower case. */
const PIECES: ReadonlyMap<string, string> = new Map(
  Object.entries(CANARIES).flatMap(([canary, value]) => pieces(value).map((piece) => [piece, canary] as const)),
);

function pieces(value: string): string[] {
  const text = value.toLowerCase();
  return Array.from({ length: text.length - FRAGMENT + 1 }, (_, start) => text.slice(start, start + FRAGMENT));
}

type Decode = (text: string) => string;

const decoded = (bytes: Buffer): string => bytes.toString("latin1");

/** All runs of an alphabet, each read from every place at which what is encoded can begin. */
const runs =
  (run: RegExp, offsets: number, encoding: "base64" | "hex"): Decode =>
  (text) =>
    (text.match(run) ?? [])
      .flatMap((found) =>
        Array.from({ length: offsets }, (_, offset) => decoded(Buffer.from(found.slice(offset), encoding))),
      )
      .join("\n");

const code = (radix: number) => (_: string, digits: string) => String.fromCodePoint(Number.parseInt(digits, radix));

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

const DECODERS: Readonly<Record<string, Decode>> = {
  unwrapped: (text) => stripVTControlCharacters(text).replace(/[\s|│]+/g, ""),
  URL: (text) => text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => decoded(Buffer.from(run.replaceAll("%", ""), "hex"))),
  JSON: (text) =>
    text
      .replace(/\\u\{([0-9a-f]{1,5})\}/gi, code(16))
      .replace(/\\u([0-9a-f]{4})/gi, code(16))
      .replace(/\\x([0-9a-f]{2})/gi, code(16))
      .replace(/\\([^ux])/g, "$1"),
  HTML: (text) =>
    text
      .replace(/&#x([0-9a-f]{1,5});/gi, code(16))
      .replace(/&#(\d{1,6});/g, code(10))
      .replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => NAMED[name] ?? ""),
  base64: runs(/[A-Za-z0-9+/_-]{11,}/g, 4, "base64"),
  hex: (text) => runs(/[0-9a-f]{16,}/gi, 2, "hex")(text.replace(/(?<=[0-9a-f]{2})[: ](?=[0-9a-f]{2})/gi, "")),
};

/** A text and all that it may be read as, with how that was done. */
function* readings(
  text: string,
  depth: number,
  read: readonly string[] = [],
): Iterable<{ view: string; read: readonly string[] }> {
  yield { view: text, read };
  if (read.length === depth) return;
  for (const [name, decode] of Object.entries(DECODERS)) {
    const view = decode(text);
    if (view !== text && view.length >= FRAGMENT) yield* readings(view, depth, [...read, name]);
  }
}

/** What of the canaries a text holds, encoded or not: one leak for every canary and way to read it. */
export function findLeaks(text: string): readonly Leak[] {
  const leaks = new Map<string, Leak>();
  for (const { view, read } of readings(text, DEPTH)) {
    for (const { canary, piece } of search(view)) {
      const leak = { canary, piece, read: read.join(" > ") || "as it is" };
      leaks.set(`${canary} ${leak.read}`, leak);
    }
  }
  return [...leaks.values()];
}

function* search(view: string): Iterable<Pick<Leak, "canary" | "piece">> {
  const text = view.toLowerCase();
  for (const mark of MARKS) if (text.includes(mark)) yield { canary: "a presigned URL", piece: mark };
  for (let start = 0; start + FRAGMENT <= text.length; start++) {
    const piece = text.slice(start, start + FRAGMENT);
    const canary = PIECES.get(piece);
    if (canary !== undefined) yield { canary, piece };
  }
}

/** The canaries that a text holds whole, encoded `depth` times at most: what was given to the guard must show them, or they were not planted. */
export function plantedIn(text: string, depth = 1): ReadonlySet<string> {
  const views = [...readings(text, depth)].map(({ view }) => view);
  return new Set(
    Object.entries(CANARIES).flatMap(([name, value]) => (views.some((view) => view.includes(value)) ? [name] : [])),
  );
}

/** Fails when a text holds any of a canary. */
export function expectNoLeak(text: string, where: string): void {
  const leaks = findLeaks(text).map(({ canary, piece, read }) => `  ${canary}: "${piece}", read ${read}`);
  if (leaks.length > 0) expect.fail(`${where} leaks\n${leaks.join("\n")}\nin\n${text}`);
}

/** All that a value shows to whoever prints it, its causes, hidden properties and stack included. */
export const everythingOf = (value: unknown): string =>
  `${inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true, maxStringLength: null, maxArrayLength: null })}\n${JSON.stringify(value)}\n${value instanceof Error ? value.stack : ""}`;
