import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { auditFiles } from "../../src/adapters/audit-file.ts";
import { GuardError } from "../../src/model/errors.ts";
import { DAY, HOUR } from "../../src/model/time.ts";
import { log, otherEvent, staleEvent } from "../evidence/audit-text.ts";

const NOON = Date.parse("2026-11-23T12:00:00Z");

/** Events of one hour, with a stale token of the pod of that name. */
const hour = (n: number): string =>
  log(
    otherEvent(NOON + n * HOUR),
    staleEvent({ issuedAt: NOON - 61 * DAY, usedAt: NOON + n * HOUR, podUid: `pod-${n}` }),
    otherEvent(NOON + n * HOUR + 1),
  );

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "audit-file-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

async function evidenceOf(...names: readonly string[]) {
  const audit = await auditFiles(names.map((name) => join(folder, name)));
  const answer = await audit.read({ from: NOON, until: NOON });
  if (!answer.ok) throw new Error(answer.failure.message);
  const { tokens, ...rest } = answer.value;
  return { pods: [...tokens.keys()].toSorted(), ...rest };
}

describe("an audit log in a file", () => {
  it("is read whole", async () => {
    const text = hour(0) + hour(1);
    await file("audit.log", text);
    expect(await evidenceOf("audit.log")).toEqual({
      pods: ["pod-0", "pod-1"],
      refused: [],
      oldestAt: NOON,
      newestAt: NOON + HOUR + 1,
      bytes: text.length,
      gaps: [],
    });
  });

  it("is read with the files that were rotated from it, packed or not, and no others", async () => {
    await file("audit.log", hour(9));
    await file("audit-2026-11-23T20-00-00.123.log", hour(8));
    await file("audit-2026-11-23T19-00-00.123.log.gz", gzipSync(hour(7)));
    await file("audit-2026-11-23.log", hour(1));
    await file("audit-webhook.log", hour(2));
    await file("audit-2026-11-23T20-00-00.123.log.bak", hour(3));
    await file("other-2026-11-23T20-00-00.123.log", hour(4));
    expect(await evidenceOf("audit.log")).toMatchObject({
      pods: ["pod-7", "pod-8", "pod-9"],
      oldestAt: NOON + 7 * HOUR,
      newestAt: NOON + 9 * HOUR + 1,
      gaps: [],
    });
  });

  it("without an ending has rotated files, too", async () => {
    await file("audit", hour(9));
    await file("audit-2026-11-23T20-00-00.123", hour(8));
    await file("audit-2026-11-23T20-00-00.123.log", hour(1));
    expect((await evidenceOf("audit")).pods).toEqual(["pod-8", "pod-9"]);
  });

  it.each([
    ["one rotated file is read alone", ["audit-2026-11-23T20-00-00.123.log"], ["pod-8"]],
    ["each of several is read", ["audit-2026-11-23T20-00-00.123.log", "elsewhere.log"], ["pod-5", "pod-8"]],
    ["the same is read once", ["audit.log", "audit.log", "audit-2026-11-23T20-00-00.123.log"], ["pod-8", "pod-9"]],
  ])("by its name: %s", async (_case, names, pods) => {
    await file("audit.log", hour(9));
    await file("audit-2026-11-23T20-00-00.123.log", hour(8));
    await file("elsewhere.log", hour(5));
    const found = await evidenceOf(...names);
    expect(found.pods).toEqual(pods);
    expect(found.bytes).toBe(hour(9).length * pods.length);
  });

  it("is unpacked by its content, whatever its name, also when it was packed in pieces", async () => {
    await file("audit.log", Buffer.concat([gzipSync(hour(0)), gzipSync(hour(1))]));
    expect(await evidenceOf("audit.log")).toMatchObject({
      pods: ["pod-0", "pod-1"],
      bytes: hour(0).length * 2,
      gaps: [],
    });
  });

  it("is read once: what is asked later gets the same answer", async () => {
    const path = await file("audit.log", hour(0));
    const audit = await auditFiles([path]);
    const first = await audit.read({ from: NOON, until: NOON });
    await file("audit.log", hour(1));
    expect(await audit.read({ from: 0, until: NOON + DAY })).toBe(first);
  });

  it("larger than one piece loses no line where pieces meet", async () => {
    const count = 4_000;
    const use = (n: number) => staleEvent({ issuedAt: NOON - 61 * DAY, usedAt: NOON, podUid: `pod-${n}` });
    const text = log(...Array.from({ length: count }, (_, n) => use(n)));
    await file("audit.log", text);
    const found = await evidenceOf("audit.log");
    expect(found.bytes).toBeGreaterThan(3 * 1024 * 1024);
    expect(found.pods).toHaveLength(count);
    await file("audit.log", gzipSync(text));
    expect(await evidenceOf("audit.log")).toEqual(found);
  });
});

describe("what is left unread of an audit log", () => {
  it("is told: the rest of a packed file that is cut", async () => {
    await file("audit.log", hour(9));
    const packed = gzipSync(hour(8).repeat(200));
    const path = await file("audit-2026-11-23T20-00-00.123.log.gz", packed.subarray(0, packed.length - 20));
    expect(await evidenceOf("audit.log")).toMatchObject({
      pods: ["pod-8", "pod-9"],
      gaps: [`${path}: it is not a whole gzip file.`],
    });
  });

  it("is told: a packed file that is spoilt", async () => {
    await file("audit.log", hour(9));
    const path = await file("audit-2026-11-23T20-00-00.123.log", Buffer.from([0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    expect(await evidenceOf("audit.log")).toMatchObject({
      pods: ["pod-9"],
      gaps: [`${path}: it is not a sound gzip file.`],
    });
  });

  it("is told: a rotated file that is no file", async () => {
    await file("audit.log", hour(9));
    const path = join(folder, "audit-2026-11-23T20-00-00.123.log");
    await mkdir(path);
    expect(await evidenceOf("audit.log")).toMatchObject({ pods: ["pod-9"], gaps: [`${path}: it is a directory.`] });
  });

  it("is told: the oldest files, when there is no time", async () => {
    const path = await file("audit.log", hour(9));
    await file("audit-2026-11-23T20-00-00.123.log", hour(8));
    await file("audit-2026-11-23T19-00-00.123.log", hour(7));
    const answer = await (await auditFiles([path], 0)).read({ from: NOON, until: NOON });
    if (!answer.ok) throw new Error("not read");
    const { gaps } = answer.value;
    expect(gaps).toHaveLength(3);
    expect(gaps.at(-1)).toBe(`${join(folder, "audit-2026-11-23T19-00-00.123.log")}: there was no time left for it.`);
  });
});

describe("a file that is no audit log is refused by name", () => {
  const refusal = async (path: string): Promise<string> => {
    const error = await auditFiles([path]).catch((thrown: unknown) => thrown);
    if (!(error instanceof GuardError)) throw new Error("accepted");
    expect(error.code).toBe("BadUsage");
    return error.message;
  };

  const NO_EVENT = "no line of it is an event of the Kubernetes audit log (audit.k8s.io, one JSON object a line)";

  it.each([
    ["empty", "", "it is empty"],
    ["text", "text\n", NO_EVENT],
    ["other JSON", '{"requestReceivedTimestamp":"2026-11-23T12:00:00Z"}\n', NO_EVENT],
    ["packed text", gzipSync("text\n"), NO_EVENT],
    ["half a packed file", gzipSync(hour(0)).subarray(0, 30), "it is not a whole gzip file"],
    [
      "a packed file of something else",
      Buffer.from([0x1f, 0x8b, 9, 9, 9, 9, 9, 9, 9, 9, 9]),
      "it is not a sound gzip file",
    ],
  ])("%s", async (_case, content, why) => {
    const path = await file("a.log", content);
    expect(await refusal(path)).toBe(`The audit log ${path} cannot be used: ${why}.`);
  });

  it("one that is not there", async () => {
    const path = join(folder, "gone.log");
    expect(await refusal(path)).toBe(`The audit log ${path} cannot be used: there is no such file.`);
    expect(await refusal(join(await file("a.log", ""), "b.log"))).toContain("there is no such file");
  });

  it("a directory", async () => {
    expect(await refusal(folder)).toContain("it is not a regular file; give the file, such as audit.log.");
  });

  it.skipIf(process.getuid?.() === 0)("one that this user may not read (root may read everything)", async () => {
    const path = await file("a.log", hour(0));
    await chmod(path, 0);
    expect(await refusal(path)).toContain("this user may not read it");
  });

  it("a name that would act on a terminal", async () => {
    expect(await refusal("\u001b[31m")).toContain("\\u{1b}[31m");
  });
});
