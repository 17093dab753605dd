import { describe, expect, it } from "vitest";
import { planCluster } from "../../src/decide/plan.ts";
import type { AuditEvidence } from "../../src/model/audit.ts";
import type { GatewayPod } from "../../src/model/pod.ts";
import { read, unread } from "../../src/model/read.ts";
import { DAY, HOUR, isoSeconds, MINUTE, SECOND } from "../../src/model/time.ts";
import { cluster, discoveryOn, gateway, NOW, pod, projected, refusedLog, settings } from "../support/gateways.ts";

const ISSUED = NOW - 61 * DAY - 20 * MINUTE;
const old = (over: Parameters<typeof pod>[0] = {}): GatewayPod =>
  pod({ age: 61 * DAY, createdAt: NOW - 62 * DAY, startTime: NOW - 62 * DAY, ...over });
const uses = (issuedAt = ISSUED, uid = old().uid): Pick<AuditEvidence, "tokens"> => ({
  tokens: new Map([[uid, [{ issuedAt, usedAt: NOW - MINUTE }]]]),
});

function plan(
  evidence: Partial<AuditEvidence> | null,
  pods: readonly GatewayPod[] = [old()],
  over: Parameters<typeof gateway>[0] = {},
) {
  const nothing = { tokens: new Map(), refused: [], oldestAt: NOW - DAY, newestAt: NOW, bytes: 1, gaps: [] };
  const audit = evidence === null ? null : read({ ...nothing, ...evidence });
  return planCluster(cluster([gateway({ pods, ...over })], { audit }), settings());
}

describe("the age of a token by the audit log", () => {
  it("is exact, and so is its deadline; the lifetime is what it was", () => {
    const [decision] = plan(uses()).decisions;
    expect(decision).toMatchObject({
      deadline: ISSUED - 11 * SECOND + 90 * DAY,
      warnings: [],
      token: {
        evidence: "audit",
        lifetime: { millis: 90 * DAY, from: "eks" },
        issuedAt: { earliest: ISSUED - 11 * SECOND, latest: ISSUED + SECOND },
        expiresAt: { earliest: ISSUED - 11 * SECOND + 90 * DAY, latest: ISSUED + SECOND + 90 * DAY },
      },
    });
  });

  it.each([
    ["without an audit log", null, {}],
    ["for a pod that is not in it", uses(ISSUED, "uid-of-another"), {}],
    ["for a pod of the same name that is another", uses(ISSUED, "uid-of-its-predecessor"), {}],
    ["for a token that is not extended", uses(), { token: projected(86_400) }],
  ] as const)("follows from the container's start %s", (_case, audit, over) => {
    expect(plan(audit, [old(over)]).decisions[0]?.token).toMatchObject({ evidence: "container-start" });
  });

  it.each(["static", "file"] as const)("is not known of a token that is %s, whatever it says", (kind) => {
    expect(plan(uses(), [old({ token: { kind } })]).decisions[0]?.token).toMatchObject({
      evidence: null,
      issuedAt: null,
    });
  });

  it.each([
    [
      ISSUED - 2 * DAY,
      "Pod apisix-5d9c7-a: the audit log gives an issue time from before the pod was created, which is left out.",
    ],
    [
      NOW - DAY,
      "Pod apisix-5d9c7-a: the audit log says that its token was issued after its container started: nginx was reloaded, or another program in the pod uses one. The older age counts.",
    ],
  ])("that is odd is told", (issuedAt, warning) => {
    expect(plan(uses(issuedAt)).decisions[0]?.warnings).toEqual([warning]);
  });

  it("that is odd in other ways is told as well", () => {
    const warnings = (issuedAt: number, usedAt: number) =>
      plan({ tokens: new Map([[old().uid, [{ issuedAt, usedAt }]]]) }, [old({ createdAt: NOW - 70 * DAY })])
        .decisions[0]?.warnings;
    expect(warnings(ISSUED, NOW + HOUR)).toEqual([
      "Pod apisix-5d9c7-a: the audit log shows requests in the future, which are left out: it is another cluster's, or a clock is off.",
    ]);
    expect(warnings(NOW - 65 * DAY, NOW)).toEqual([
      "Pod apisix-5d9c7-a: the audit log says that its token is older than its container's start allows: the kubelet cannot have renewed the file in time. The older age counts.",
    ]);
  });

  it("that is odd in several pods is told once", () => {
    const pods = ["a", "b", "c"].map((name) => old({ name }));
    const tokens = new Map(pods.map(({ uid }) => [uid, [{ issuedAt: NOW - DAY, usedAt: NOW }]]));
    const [warning, ...others] = plan({ tokens }, pods).decisions[0]?.warnings ?? [];
    expect(warning).toMatch(/^Pod a and 2 more: the audit log says/);
    expect(others).toEqual([]);
  });
});

describe("a restart at a person's word", () => {
  const refresh = { namespace: "apisix", kind: "Deployment", name: "apisix" } as const;
  /** With a pod missing, so that urgency has something to waive. */
  const asked = (tokens: AuditEvidence["tokens"]) => {
    const young = gateway({ pods: [old({ createdAt: NOW - 100 * DAY })], figures: { desired: 2, available: 1 } });
    const evidence = { tokens, refused: [], oldestAt: NOW - DAY, newestAt: NOW, bytes: 1, gaps: [] };
    const [decision] = planCluster(cluster([young], { audit: read(evidence) }), settings({}, { refresh })).decisions;
    return {
      verdict: decision?.verdict,
      action: decision?.action,
      urgent: decision?.urgent,
      blockers: decision?.blockers,
    };
  };

  it.each([
    ["due", ISSUED],
    ["expiring", NOW - 85 * DAY],
  ])("is the same whether the audit log makes the gateway %s or is silent", (verdict, issuedAt) => {
    const { verdict: told, ...restart } = asked(uses(issuedAt).tokens);
    const { verdict: _, ...silent } = asked(new Map());
    expect(told).toBe(verdict);
    expect(restart).toEqual(silent);
    expect(restart).toMatchObject({
      action: "restart",
      urgent: true,
      blockers: [{ reason: "NotFullyAvailable", waived: true }],
    });
  });
});

describe("what a person is told of the audit log", () => {
  const REFUSED = { resource: "endpoints", subsystem: "http", requests: 3, lastAt: NOW - MINUTE } as const;

  it("is nothing when it tells of every pod", () => {
    expect(plan(uses()).warnings).toEqual([]);
  });

  it("is that it could not be read", () => {
    const failure = { code: "Forbidden", what: "read the audit log", message: "It is not allowed." } as const;
    const { warnings, decisions } = planCluster(
      cluster([gateway({ pods: [old()] })], { audit: unread(failure) }),
      settings(),
    );
    expect(warnings).toEqual([
      "The audit log could not be read, so token ages come from container starts: It is not allowed.",
    ]);
    expect(decisions[0]?.token?.evidence).toBe("container-start");
  });

  it("is what was left out of it", () => {
    expect(plan({ ...uses(), gaps: ["a.log: it ended.", "b.log: it ended."] }).warnings).toEqual([
      "A part of the audit log was not read: a.log: it ended.",
      "A part of the audit log was not read: b.log: it ended.",
    ]);
  });

  it("is how many pods it does not tell of, and of what time it is", () => {
    expect(plan({}).warnings).toEqual([
      `The audit log (${isoSeconds(NOW - DAY)} to ${isoSeconds(NOW)}) does not tell how old the tokens of 1 of 1 pods are; their age comes from their containers' start.`,
    ]);
    expect(plan({ oldestAt: null, newestAt: null }).warnings[0]).toMatch(/^The audit log \(no events\) does not tell/);
  });

  it.each([
    ["too young to have a stale token", [old({ age: 2 * HOUR })], {}],
    ["reads its token anew", [old({ image: "apache/apisix:3.16.0" })], {}],
    ["has no discovery", [old()], { config: discoveryOn({ discovery: { state: "off" } }) }],
    ["has a configuration that nobody knows", [old()], { config: null }],
  ] as const)("is nothing of a pod that %s", (_case, pods, over) => {
    expect(plan({}, pods, over).warnings).toEqual([]);
  });

  it("is that gateways are refused of which no log tells", () => {
    const stream = { ...REFUSED, subsystem: "stream", requests: 4, lastAt: NOW - 2 * MINUTE } as const;
    expect(plan({ ...uses(), refused: [REFUSED, stream] }).warnings).toEqual([
      `The audit log shows 7 requests of discovery informers that were refused (401), the newest at ${isoSeconds(NOW - MINUTE)}, and no gateway's log shows any: look for a gateway whose error log is not on its container's output.`,
    ]);
  });

  it.each([
    ["they are old", [{ ...REFUSED, lastAt: NOW - 10 * MINUTE - 1 }], {}],
    ["a gateway's log shows them", [REFUSED], { log: refusedLog() }],
  ] as const)("is nothing of refusals when %s", (_case, refused, over) => {
    expect(plan({ ...uses(), refused }, [old(over)]).warnings).toEqual([]);
  });

  it("is nothing of refusals that one gateway of several accounts for", () => {
    const gateways = [
      gateway({ pods: [old({ log: refusedLog() })], config: null }),
      gateway({ pods: [old()], config: null, workload: { name: "other" } }),
    ];
    const audit = read({ tokens: new Map(), refused: [REFUSED], oldestAt: null, newestAt: null, bytes: 1, gaps: [] });
    expect(planCluster(cluster(gateways, { audit }), settings()).warnings).toEqual([]);
  });

  it("is that refusals of ten minutes ago count", () => {
    expect(plan({ ...uses(), refused: [{ ...REFUSED, lastAt: NOW - 10 * MINUTE }] }).warnings).toHaveLength(1);
  });

  it("is not told twice of a pod whose token is odd", () => {
    expect(plan(uses(ISSUED - 2 * DAY)).warnings).toEqual([]);
  });

  it("never makes a gateway refused", () => {
    const verdicts = (requests: number) =>
      plan({ ...uses(), refused: [{ ...REFUSED, requests }] }).decisions[0]?.verdict;
    expect([verdicts(1), verdicts(1_000_000)]).toEqual(["due", "due"]);
  });
});
