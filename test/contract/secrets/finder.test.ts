import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { everythingOf, expectNoLeak, findLeaks, plantedIn } from "../../support/canaries/finder.ts";
import { CANARIES, KINDS } from "../../support/canaries/inventory.ts";

const SECRET = CANARIES.etcdPassword;

const hex = (text: string) => Buffer.from(text).toString("hex");
const base64 = (text: string) => Buffer.from(text).toString("base64");
const each = (text: string, encode: (code: number) => string) =>
  [...text].map((character) => encode(character.codePointAt(0) ?? 0)).join("");

/** How a program that leaks can put it. */
const ENCODINGS: readonly (readonly [name: string, encode: (secret: string) => string])[] = [
  ["whole", (secret) => secret],
  ["in capitals", (secret) => secret.toUpperCase()],
  ["its first eight characters", (secret) => `${secret.slice(0, 8)}…`],
  ["its last eight characters", (secret) => `…${secret.slice(-8)}`],
  ["eight characters from the middle", (secret) => `***${secret.slice(17, 25)}***`],
  ["wrapped", (secret) => secret.replace(/.{5}/g, "$&\n          ")],
  ["coloured", (secret) => secret.replace(/.{5}/g, "$&\u001b[0m\u001b[31m")],
  ["in base64", base64],
  ["in base64 behind one character", (secret) => base64(`x${secret}`)],
  ["in base64 behind two characters", (secret) => base64(`xy${secret}`)],
  ["in base64 in the middle of an HTTP header", (secret) => `Basic ${base64(`somebody:${secret}`)}`],
  ["in base64 without its beginning", (secret) => base64(secret).slice(3)],
  ["twelve characters of base64", (secret) => base64(secret).slice(9, 21)],
  ["in base64 for URLs", (secret) => Buffer.from(`{"?>":"${secret}"}`).toString("base64url")],
  ["in base64 of base64", (secret) => base64(base64(secret))],
  ["in a URL", (secret) => `https://sts/?X=${each(secret, (code) => `%${code.toString(16)}`)}`],
  ["in base64 in a URL", (secret) => `https://sts/?X=${encodeURIComponent(base64(`~~~?${secret}`))}`],
  ["in JSON", (secret) => `{"a":"${each(secret, (code) => `\\u${code.toString(16).padStart(4, "0")}`)}"}`],
  ["in JSON in JSON", (secret) => JSON.stringify({ body: JSON.stringify({ secret: `"${secret}"` }) })],
  ["as the guard escapes", (secret) => each(secret, (code) => `\\u{${code.toString(16)}}`)],
  ["as nginx escapes", (secret) => each(secret, (code) => `\\x${code.toString(16).toUpperCase()}`)],
  ["in HTML", (secret) => each(secret, (code) => `&#${code};`)],
  ["in HTML, hexadecimal", (secret) => each(secret, (code) => `&#x${code.toString(16)};`)],
  ["in hexadecimal", hex],
  ["in hexadecimal behind half a byte", (secret) => `a${hex(secret)}`],
  [
    "in hexadecimal, as fingerprints are written",
    (secret) =>
      hex(secret)
        .toUpperCase()
        .replace(/..(?!$)/g, "$&:"),
  ],
  ["in a dump of bytes", (secret) => `<Buffer ${hex(secret).replace(/..(?!$)/g, "$& ")}>`],
  ["between other text", (secret) => `${"some words ".repeat(200)}${secret}${" and more".repeat(200)}`],
];

describe("what looks for canaries", () => {
  it.each(ENCODINGS)("finds one that is written %s", (_name, encode) => {
    const text = `prod: 4 gateways\n  message  ${encode(SECRET)}\n`;
    expect(findLeaks(text)).toContainEqual(expect.objectContaining({ canary: "etcdPassword" }));
    expect(() => expectNoLeak(text, "here")).toThrow(/etcdPassword/);
  });

  it.each(Object.entries(CANARIES))("finds %s, and each piece of it", (canary, value) => {
    expect(findLeaks(value)).toContainEqual({ canary, piece: expect.any(String), read: "as it is" });
    const pieces = Array.from({ length: value.length - 7 }, (_, start) => value.slice(start, start + 8));
    expect(pieces.filter((piece) => findLeaks(piece).length === 0)).toEqual([]);
  });

  it("finds a presigned URL and what is made of it", () => {
    const url = "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&X-Amz-Signature=00";
    for (const text of [url, "k8s-aws-v1.aHR0", Buffer.from(url).toString("base64url"), encodeURIComponent(url)])
      expect(findLeaks(text)).toContainEqual(expect.objectContaining({ canary: "a presigned URL" }));
  });

  it.each([
    ["a cause", (secret: string) => new Error("outer", { cause: new Error(secret) })],
    ["a cause of a cause", (secret: string) => new Error("a", { cause: new Error("b", { cause: { body: secret } }) })],
    ["a hidden property", (secret: string) => Object.defineProperty(new Error("x"), "h", { value: secret })],
    ["a symbol's property", (secret: string) => Object.assign(new Error("x"), { [Symbol("s")]: [{ secret }] })],
    [
      "a getter",
      (secret: string) => ({
        get body() {
          return secret;
        },
      }),
    ],
    ["a stack", (secret: string) => Object.assign(new Error("x"), { stack: `Error: ${secret}` })],
    ["bytes", (secret: string) => ({ body: Buffer.from(secret) })],
    ["a long list", (secret: string) => [...Array(500).fill("x"), secret]],
    ["a map", (secret: string) => new Map([[{ a: 1 }, new Set([secret])]])],
    ["errors together", (secret: string) => new AggregateError([new Error(secret)])],
    ["what JSON makes of it", (secret: string) => ({ toJSON: () => secret })],
  ])("looks into values: %s", (_name, make) => {
    expect(() => expectNoLeak(everythingOf(make(SECRET)), "here")).toThrow(/etcdPassword/);
    expectNoLeak(everythingOf(make("nothing")), "here");
  });

  it("finds nothing in other text, nor in seven characters", () => {
    for (const value of Object.values(CANARIES)) expect(findLeaks(value.slice(0, 7))).toEqual([]);
    expect(findLeaks(`signature credential ${hex("some other text")} ${base64("another text that is long")}`)).toEqual(
      [],
    );
  });

  it("tells which were planted whole", () => {
    const text = `a ${CANARIES.page} b ${base64(`x:${CANARIES.password}`)} ${CANARIES.tag.slice(1)}`;
    expect([...plantedIn(text)].toSorted()).toEqual(["page", "password"]);
  });

  it("has every canary planted somewhere", () => {
    const folders = ["test/support/canaries", "test/contract/secrets"];
    const files = folders.flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`));
    const text = files.map((file) => readFileSync(file, "utf8")).join("\n");
    const used = new Set([
      ...[...text.matchAll(/CANARIES\.(\w+)/g)].map(([, name]) => name),
      ...[...text.matchAll(/\{([^{}]+)\} = CANARIES/g)].flatMap(([, names = ""]) => names.match(/\w+/g) ?? []),
      // Pasted by their kind.
      ...KINDS.misplaced,
    ]);
    expect(Object.keys(CANARIES).filter((name) => !used.has(name))).toEqual([]);
  });

  it("knows every canary by one kind of input", () => {
    expect(Object.values(KINDS).flat()).toEqual(Object.keys(CANARIES));
    expect(new Set(Object.values(CANARIES)).size).toBe(Object.keys(CANARIES).length);
  });
});
