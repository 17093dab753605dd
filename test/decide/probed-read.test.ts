import { describe, expect, it } from "vitest";
import { doubtOf, holdsFile } from "../../src/decide/probed-read.ts";
import type { TokenProbe } from "../../src/model/probe.ts";
import { HOUR, MINUTE, SECOND } from "../../src/model/time.ts";
import { NOW } from "../support/gateways.ts";

const LAG = 150 * SECOND;
const SUBJECT = "system:serviceaccount:apisix:default";

/** A token of four hours ago, read an hour ago. */
const probe = (over: Partial<TokenProbe> = {}, issuedAt = NOW - 4 * HOUR): TokenProbe => ({
  readAt: NOW - HOUR,
  agent: 1,
  fileChangedAt: NOW - 4 * HOUR,
  claims: { issuedAt, lifetime: null, subject: SUBJECT },
  ...over,
});

const POD = { createdAt: NOW - 5 * HOUR, startedAt: NOW - 3 * HOUR, observedAt: NOW, subject: SUBJECT };

describe("what speaks against a probe, to the millisecond", () => {
  it.each<[string, TokenProbe, ReturnType<typeof doubtOf>]>([
    ["nothing", probe(), null],
    ["issued a minute before the pod", probe({}, POD.createdAt - MINUTE), null],
    ["issued a moment earlier", probe({}, POD.createdAt - MINUTE - 1), "before-pod"],
    ["read as far ahead as a clock may be", probe({ readAt: NOW + LAG }), null],
    ["read a moment later", probe({ readAt: NOW + LAG + 1 }), "in-future"],
    ["issued as far ahead", probe({}, NOW + LAG), null],
    ["issued a moment later", probe({}, NOW + LAG + 1), "in-future"],
    ["read a minute before the container's start", probe({ readAt: POD.startedAt - MINUTE }), null],
    ["read a moment earlier", probe({ readAt: POD.startedAt - MINUTE - 1 }), "before-start"],
    ["a token without a subject", probe({ claims: { issuedAt: NOW - HOUR, lifetime: null, subject: null } }), null],
    [
      "a token of another",
      probe({ claims: { issuedAt: NOW - HOUR, lifetime: null, subject: "system:serviceaccount:apisix:other" } }),
      "other-subject",
    ],
  ])("%s", (_case, told, doubt) => {
    expect(doubtOf(told, POD)).toBe(doubt);
  });

  it("that it was issued before the pod is not known of a pod without a time", () => {
    expect(doubtOf(probe({}, NOW - 1_000 * HOUR), { ...POD, createdAt: null })).toBeNull();
  });
});

describe("whether memory holds what the file does, to the millisecond", () => {
  const readAt = NOW - HOUR;
  it.each<[string, TokenProbe, boolean]>([
    ["written two seconds before it was read", probe({ fileChangedAt: readAt - 2 * SECOND }), true],
    ["written a moment later", probe({ fileChangedAt: readAt - 2 * SECOND + 1 }), false],
    ["issued when it was read", probe({ fileChangedAt: readAt - 2 * SECOND }, readAt), true],
    ["issued a moment later", probe({ fileChangedAt: readAt - 2 * SECOND }, readAt + 1), false],
    ["issued long enough before, of a file without a time", probe({ fileChangedAt: null }, readAt - LAG), true],
    ["issued a moment later, of a file without a time", probe({ fileChangedAt: null }, readAt - LAG + 1), false],
  ])("%s", (_case, told, holds) => {
    expect(holdsFile(told)).toBe(holds);
  });
});
