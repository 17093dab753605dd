import { describe, expect, it } from "vitest";
import type { ClusterResult, Decision, Plan } from "../../src/model/decision.ts";
import type { OutcomeResult } from "../../src/model/last-restart.ts";
import { DAY, HOUR } from "../../src/model/time.ts";
import { buildReport } from "../../src/report/build.ts";
import { renderText } from "../../src/report/text.ts";
import {
  blocker,
  clusterResult,
  decision,
  NOON,
  pod,
  refusals,
  SAMPLES,
  token,
  unseen,
} from "../support/sample-decisions.ts";

const at = (width: number, ...results: readonly ClusterResult[]) =>
  renderText(results.map(buildReport), { width, color: false });
const plain = (...results: readonly ClusterResult[]) => at(80, ...results);
const gateways = (...decisions: readonly Decision[]) => plain(clusterResult({ decisions }));
describe("a report as text, at 80 columns", () => {
  it("puts the gateway that is refused first and keeps those in order short", () => {
    const { healthy, due, rejected, unaffected } = SAMPLES;
    expect(gateways(healthy, due, rejected, unaffected)).toBe(`\
prod  ────────────────────────────────────────────────── 2026-06-01 12:00:00 UTC
  4 gateways: 1 rejected, 1 due, 1 healthy, 1 unaffected
  (Kubernetes v1.33.5-eks-abc123)

✗ rejected    edge/apisix-edge  Deployment 3.9.1                     refused now
  [████████████████|███████]  91 d 11 h of 90 d (EKS), due since 2026-05-01
  The API server refuses the token of 2 of 3 pods (pods
  apisix-edge-7b9d8c6f5-2m4xk and apisix-edge-7b9d8c6f5-hq9wz): 7 refusals in
  the last two minutes, the newest 12 s ago. Its endpoints are frozen at what it
  last saw.
  next     restart now (urgent; waives OutsideWindow)
  token    expired 2026-05-31 00:09 to 01:00 UTC (by container start)
  pods     apisix-edge-7b9d8c6f5-2m4xk  refused (4 lines), started 91 d 11 h ago
           apisix-edge-7b9d8c6f5-hq9wz  refused (3 lines), started 91 d 10 h ago
           apisix-edge-7b9d8c6f5-t5r7b  77 d 23 h left, started 12 d ago

● due         search/apisix     Deployment 3.11.0                 28 d 23 h left
  [████████████████|·······]  61 d of 90 d (EKS), due since 2026-05-31
  Its oldest token is 61 d old and may be refused in 28 d 23 h
  (2026-06-30T11:09:24Z).
  next     restart, held back; check again in 4 d 13 h (2026-06-06 01:00 UTC)
  held by  CheckOnly: This run only looks; remediate restarts.
           OutsideWindow: The next window opens at 2026-06-06T01:00:00Z.
  token    expires 2026-06-30 11:09 to 12:00 UTC (by container start)
  pods     apisix-58f7c9d6b5-9w2rt  28 d 23 h left, started 61 d ago
           apisix-58f7c9d6b5-lm3vd  86 d 23 h left, started 3 d ago

✓ healthy     shop/apisix       Deployment 3.9.1                  69 d 21 h left
  [█████···········|·······]  20 d 2 h of 90 d (EKS), due 2026-07-11
– unaffected  next/apisix       Deployment 3.16.0
  This version reads the token file anew for every request (APISIX 3.13.0 and
  later).

[██·|··]  the life of a token: █ used, | restart due, ] earliest refusal

1 gateway needs attention.
`);
  });

  it("says what is known, what is assumed, and what a person has to do", () => {
    const { expiring, unfixable, unknown, verifying, ageNotKnowable } = SAMPLES;
    const text = plain(
      clusterResult({
        decisions: [expiring, unfixable, unknown, verifying, ageNotKnowable],
        warnings: ["This machine's clock is 2 min 3 s behind the API server's; decisions use the API server's."],
      }),
    );
    expect(text).toBe(`\
prod  ────────────────────────────────────────────────── 2026-06-01 12:00:00 UTC
  5 gateways: 1 unfixable, 1 expiring, 1 unknown, 1 verifying, 1 healthy
  (Kubernetes v1.33.5-eks-abc123)
  warning  This machine's clock is 2 min 3 s behind the API server's; decisions
           use the API server's.

✗ unfixable   edge/apisix-canary   Deployment 3.12.0                 refused now
  [················|·······]  2 h 50 min of 90 d (EKS), due 2026-07-31
  The token of pod apisix-canary-5c9f7d8b64-p2lks is refused although the pod is
  younger than 12 h: a new token is refused as well. Check that the
  ServiceAccount still exists, the token's audience, and the clocks.
  next     no restart: this needs a person
  token    expires 2026-08-30 09:09 to 10:00 UTC (by container start)
  last     restarted 1 d 2 h ago (2026-05-31 10:00 UTC): refused
  pods     apisix-canary-5c9f7d8b64-p2lks  refused (3 lines), started 2 h ago

! expiring    payments/apisix      Deployment 3.9.1                3 d 11 h left
  [████████████████|██████·]  86 d 12 h of 90 d (EKS), due since 2026-05-05
  Its oldest token may be refused in 3 d 11 h (2026-06-04T23:09:24Z).
  next     restart, held back (urgent; waives OutsideWindow, Frozen)
  held by  NotFullyAvailable: 1 of 3 pods are available; its strategy allows 0
           to be missing.
  token    expires 2026-06-04 23:09 to 2026-06-05 00:00 UTC (by container start)
  logs     do not reach back two minutes: a refusal could hide there

? unknown     media/apisix-stream  Deployment                    355 d 23 h left
  [···|····················]  9 d of 365 d (assumed), due 2026-07-22
  The log of pod apisix-stream-0 does not reach back two minutes, so a refusal
  could hide there. The kubelet serves only the current file: raise
  containerLogMaxSize, or move the access log out of the container's output.
  next     no restart: this needs a person
  token    expires 2027-05-23 11:09 to 12:00 UTC (by container start)
  warning  Its configuration could not be read, service discovery is presumed
           on: grant get on configmaps in namespace media.

… verifying   api/apisix           Deployment 3.9.1               89 d 23 h left
  [················|·······]  51 min 46 s of 90 d (EKS), due 2026-07-31
  It was restarted at 2026-06-01T11:58:40Z; the proof that its new token is
  accepted is still to come.
  next     wait; check again in 1 min (2026-06-01 12:01 UTC)
  token    expires 2026-08-30 11:08 to 11:58 UTC (by container start)

✓ healthy     legacy/apisix        Deployment 2.15.3               age not known
  Its token stands in the configuration or an environment variable. Its age is
  not knowable; refusals in the log are watched.

[██·|··]  the life of a token: █ used, | restart due, ] earliest refusal
assumed   nothing tells how long tokens live: set tokenLifetime, or --lifetime

2 gateways need attention, 1 gateway could not be judged.
`);
  });

  it("shows clusters that could not be looked at before those in order", () => {
    const unreachable = unseen(
      "staging",
      "https://10.0.0.1:6443 did not answer in 10 s. Check the VPN, then run again.",
    );
    expect(plain(clusterResult(), unreachable, clusterResult({ cluster: "empty", decisions: [] }))).toBe(`\
staging  ─────────────────────────────────────────────── 2026-06-01 12:00:00 UTC
  error    ClusterUnreachable: https://10.0.0.1:6443 did not answer in 10 s.
           Check the VPN, then run again.

empty  ───────────────────────────────────────────────── 2026-06-01 12:00:00 UTC
  No gateway was found: check the label selector and the namespaces that are
  looked at.

prod  ────────────────────────────────────────────────── 2026-06-01 12:00:00 UTC
  1 gateway: 1 healthy (Kubernetes v1.33.5-eks-abc123)

✓ healthy     shop/apisix  Deployment 3.9.1                       69 d 21 h left
  [█████···········|·······]  20 d 2 h of 90 d (EKS), due 2026-07-11

[██·|··]  the life of a token: █ used, | restart due, ] earliest refusal

2 clusters could not be checked.
`);
  });

  it("says when it is decided for another moment than was seen", () => {
    const message =
      "Its oldest token has been past its earliest deadline for 2 h 50 min; no refusal has been seen yet.";
    const decisions = [{ ...SAMPLES.expiring, message, blockers: [], nextCheckAt: null }];
    expect(
      plain(clusterResult({ at: Date.UTC(2026, 5, 5, 2), observedAt: NOON, gitVersion: "v1.33.5", decisions })),
    ).toBe(`\
prod  ────────────────────────────────────────────────── 2026-06-01 12:00:00 UTC
  Decided as if it were 2026-06-05 02:00 UTC, in 3 d 14 h. Pods and refusals are
  those seen now.
  1 gateway: 1 expiring (Kubernetes v1.33.5)

! expiring    payments/apisix  Deployment 3.9.1               over by 2 h 50 min
  [████████████████|███████]  90 d 2 h of 90 d (EKS), due since 2026-05-05
  Its oldest token has been past its earliest deadline for 2 h 50 min; no
  refusal has been seen yet.
  next     restart now (urgent)
  token    expired 2026-06-04 23:09 to 2026-06-05 00:00 UTC (by container start)
  logs     do not reach back two minutes: a refusal could hide there

[██·|··]  the life of a token: █ used, | restart due, ] earliest refusal

1 gateway needs attention.
`);
  });
});

describe("the order of gateways", () => {
  const order = (...decisions: readonly Decision[]) =>
    [...gateways(...decisions).matchAll(/^\S [a-z]+ +(\w+)\//gmu)].map(([, namespace]) => namespace);

  it("is by urgency, and by the plan's own order where that is the same", () => {
    const verdicts = [
      "healthy",
      "unaffected",
      "verifying",
      "due",
      "unknown",
      "expiring",
      "unfixable",
      "rejected",
    ] as const;
    const mixed = verdicts.flatMap((verdict) => [1, 2].map((n) => decision({ verdict, namespace: `${verdict}${n}` })));
    expect(order(...mixed).map((namespace) => namespace?.slice(0, -1))).toEqual(
      ["rejected", "unfixable", "expiring", "unknown", "due", "verifying", "healthy", "unaffected"].flatMap((v) => [
        v,
        v,
      ]),
    );
    expect(
      order(...mixed)
        .map((namespace) => namespace?.slice(-1))
        .join(""),
    ).toBe("12".repeat(8));
  });

  it("puts what needs attention before what is only not known", () => {
    const stuck = decision({
      verdict: "due",
      namespace: "stuck",
      blockers: [blocker("RolloutFailed", "No pod is Ready.")],
    });
    expect(order(SAMPLES.unknown, stuck)).toEqual(["stuck", "media"]);
  });
});

describe("a report as text, at other widths", () => {
  const result = clusterResult({ decisions: [SAMPLES.rejected, SAMPLES.healthy] });

  it("is set narrower at 60 columns", () => {
    expect(at(60, result)).toBe(`\
prod  ────────────────────────────── 2026-06-01 12:00:00 UTC
  2 gateways: 1 rejected, 1 healthy
  (Kubernetes v1.33.5-eks-abc123)

✗ rejected    edge/apisix-edge Deployment 3.9.1  refused now
  [████████|███]  91 d 11 h of 90 d (EKS), due since
                  2026-05-01
  The API server refuses the token of 2 of 3 pods (pods
  apisix-edge-7b9d8c6f5-2m4xk and
  apisix-edge-7b9d8c6f5-hq9wz): 7 refusals in the last two
  minutes, the newest 12 s ago. Its endpoints are frozen at
  what it last saw.
  next     restart now (urgent; waives OutsideWindow)
  token    expired 2026-05-31 00:09 to 01:00 UTC (by
           container start)
  pods     apisix-edge-7b9d8c6f5-2m4xk refused (4 lines),
           started 91 d 11 h ago
           apisix-edge-7b9d8c6f5-hq9wz refused (3 lines),
           started 91 d 10 h ago
           apisix-edge-7b9d8c6f5-t5r7b 77 d 23 h left,
           started 12 d ago

✓ healthy     shop/apisix Deployment 3.9.1    69 d 21 h left
  [██······|···]  20 d 2 h of 90 d (EKS), due 2026-07-11

[██·|··]  the life of a token: █ used, | restart due, ]
          earliest refusal

1 gateway needs attention.
`);
  });

  it("grows no wider than 100 columns and no narrower than 40", () => {
    const longest = (text: string) => Math.max(...text.split("\n").map((line) => line.length));
    expect(longest(at(250, result))).toBe(100);
    expect(at(250, result)).toBe(at(100, result));
    expect(at(0, result)).toBe(at(40, result));
  });
});

describe("details of a gateway", () => {
  it("names what holds a restart back with its reason, and what is waived", () => {
    const blockers = [
      blocker("Paused", "It is paused."),
      blocker("Frozen", "Until June.", true),
      blocker("Cooldown", "Wait."),
    ];
    const text = gateways(decision({ verdict: "due", action: "restart", blockers, nextCheckAt: NOON - HOUR }));
    expect(text).toContain(`
  next     restart, held back (waives Frozen); check again now
  held by  Paused: It is paused.
           Cooldown: Wait.
`);
  });

  it("does not put off a look at what is restarted now", () => {
    const free = decision({ verdict: "due", action: "restart", nextCheckAt: NOON + 20 * DAY });
    expect(gateways(free)).toContain("\n  next     restart now\n");
  });

  it.each<[Decision["action"], string]>([
    ["none", "nothing to do"],
    ["wait", "wait"],
    ["alert", "no restart: this needs a person"],
    ["restart", "restart now"],
  ])("tells the action %s as %j", (action, words) => {
    expect(gateways(decision({ verdict: "due", action, nextCheckAt: null }))).toContain(`\n  next     ${words}\n`);
  });

  it("shows a gateway in order at length when it has a warning or a failed rollout", () => {
    expect(gateways(decision())).not.toContain("next ");
    expect(gateways(decision({ warnings: ["Look here."] }))).toContain("\n  warning  Look here.\n");
    expect(gateways(decision({ blockers: [blocker("RolloutFailed", "No pod is Ready.")] }))).toContain(
      "No pod is Ready.",
    );
  });

  it("lists pods where one is refused or some are much older, the most urgent first, and not too many", () => {
    const young = ["a", "b", "c"].map((name) => pod(name, HOUR));
    const due = (pods: Decision["pods"]) => gateways(decision({ verdict: "due", action: "restart", pods }));
    expect(due(young)).not.toContain("pods ");
    expect(due([...young, pod("d", 20 * HOUR)])).not.toContain("pods ");
    expect(
      due([
        ...young,
        { ...pod("e", 0), startedAt: null },
        pod("d", 50 * DAY),
        pod("r", HOUR, { rejections: refusals(2) }),
      ]),
    ).toContain(`
  pods     r  refused (2 lines), started 1 h ago
           d  39 d 23 h left, started 50 d ago
           a  89 d 22 h left, started 1 h ago
           b  89 d 22 h left, started 1 h ago
           and 2 more
`);
    const waiting = pod("w", 0, { startedAt: null, token: { ...token(0), issuedAt: null, expiresAt: null } });
    expect(due([pod("r", HOUR, { rejections: refusals(2) }), waiting])).toContain("\n           w  not running\n");
  });

  it("says when refusals could hide", () => {
    const rejections = (covered: boolean | null) => ({ lines: 0, pods: 0, perHour: 0, lastAt: null, covered });
    const due = (covered: boolean | null) => decision({ verdict: "due", rejections: rejections(covered) });
    expect(gateways(due(true))).not.toMatch(/could hide|not read/u);
    expect(gateways(due(false))).toContain("\n  logs     do not reach back two minutes: a refusal could hide there\n");
    expect(gateways(due(null))).toContain("warning  Logs were not read: whether a token is refused now is not known.");
    expect(gateways(due(null), due(true))).toContain("warning  Logs of 1 of 2 gateways were not read:");
    expect(gateways({ ...due(null), verdict: "unaffected" }, { ...due(null), token: null })).not.toContain("not read");
  });

  it("shows how the last restart ended only when it did not end well", () => {
    const ended = (result: "refused" | "cured" | "renewed" | null) => {
      const lastRestart = { state: "known", at: NOON - HOUR, reason: "TokenRefused", result, lifetime: null } as const;
      return gateways(decision({ verdict: "due", lastRestart }));
    };
    expect(ended("refused")).toContain("\n  last     restarted 1 h ago (2026-06-01 11:00 UTC): refused\n");
    for (const good of ["cured", "renewed", null] as const) expect(ended(good)).not.toContain("restarted 1 h ago");
  });

  it("tells what came of a restart, and what happens next where something does", () => {
    const restarted = (made: Decision, result: OutcomeResult) => {
      const outcome = { result, restartedAt: null, provenAt: null, message: "No refusal in 100 s." };
      return plain({ ...clusterResult({ decisions: [made] }), outcomes: [{ gateway: made.gateway, outcome }] });
    };
    const cured = restarted(decision(), "cured");
    expect(cured).toContain("\n  outcome  cured: No refusal in 100 s.\n  token ");
    expect(cured).toMatch(/\nNothing needs attention\.\n$/u);
    expect(restarted(SAMPLES.rejected, "conflict")).toContain(`
  outcome  conflict: No refusal in 100 s.
  next     restart now (urgent; waives OutsideWindow)
`);
  });

  it("tells a due moment of the next two days by the hour", () => {
    expect(gateways(decision({ dueAt: NOON + 30 * HOUR }))).toContain("(EKS), due in 1 d 6 h\n");
    expect(gateways(decision({ dueAt: null }))).toContain("(EKS)\n");
  });

  it("counts no age before the token was issued", () => {
    expect(gateways(decision({ token: token(-DAY) }))).toContain("]  0 s of 90 d (EKS)");
  });

  it("lists five warnings and says how many more there are", () => {
    const warnings = ["w1", "w2", "w3", "w4", "w5", "w6", "w7"];
    expect(plain(clusterResult({ warnings }))).toContain(
      "\n  warning  w5\n  warning  2 more stand in the JSON report.\n",
    );
    expect(plain(clusterResult({ warnings: warnings.slice(0, 5) }))).not.toContain("more stand");
  });
});

describe("advice", () => {
  const upgrade = { code: "UpgradeApisix", about: "3.9.1" } as const;
  const lifetime = { code: "SetTokenLifetime", about: "23h" } as const;

  it("stands below the gateways, and names some of those whom it would help", () => {
    const decisions = ["a", "b", "c", "d", "e"].map((name) => decision({ name, hints: [upgrade] }));
    decisions.push(decision({ name: "f", hints: [lifetime] }));
    const text = gateways(...decisions);
    expect(text.slice(text.indexOf("→") - 1, text.indexOf("[██·"))).toBe(`
→ UpgradeApisix: shop/a, shop/b, shop/c and 2 more
  Upgrade APISIX to 3.13.0 or later (chart 2.11.0 or later), which reads the
  token anew for every request: that frees these 5 gateways (now 3.9.1) of
  restarts for good. From 3.15.0 (chart 2.13.0) on, /status/ready also waits for
  the first list of endpoints.
→ SetTokenLifetime: shop/f
  Refusals have shown how long this cluster's tokens live. Write it beside the
  cluster's name in guard.yml, where no edit of a workload can lose it:
  tokenLifetime: 23h

`);
  });

  it("names nobody where it is for all", () => {
    expect(gateways(decision({ hints: [upgrade] }))).toContain("\n\n→ UpgradeApisix: the gateway\n  Upgrade");
    const both = ["a", "b"].map((name) => decision({ name, hints: [upgrade] }));
    expect(gateways(...both)).toContain("\n\n→ UpgradeApisix: all 2 gateways\n");
    expect(gateways(...both, decision({ name: "c" }))).toContain("→ UpgradeApisix: shop/a, shop/b\n");
    expect(gateways(decision())).not.toContain("→");
  });
});

describe("the end of a report", () => {
  const last = (text: string) => text.trimEnd().split("\n").at(-1);

  it.each<[string, readonly Partial<Plan>[], string]>([
    ["no cluster", [], "No cluster was checked."],
    ["all in order", [{}], "Nothing needs attention."],
    ["one due", [{ decisions: [SAMPLES.due, SAMPLES.healthy] }], "Nothing needs attention, 1 gateway is due."],
    [
      "two due in two clusters",
      [{ decisions: [SAMPLES.due] }, { decisions: [SAMPLES.due] }],
      "Nothing needs attention, 2 gateways are due.",
    ],
    ["attention and due", [{ decisions: [SAMPLES.rejected, SAMPLES.due] }], "1 gateway needs attention."],
    ["not known", [{ decisions: [SAMPLES.unknown, SAMPLES.unknown] }], "2 gateways could not be judged."],
    ["nothing found", [{ decisions: [] }], "1 cluster could not be checked."],
  ])("says in words what the exit code says: %s", (_, plans, sentence) => {
    expect(last(plain(...plans.map((overrides) => clusterResult(overrides))))).toBe(sentence);
  });

  it("explains the bar only where one is shown, and the assumption only where one was made", () => {
    expect(gateways(SAMPLES.unaffected)).not.toContain("the life of a token");
    expect(gateways(SAMPLES.healthy)).toContain("the life of a token");
    expect(gateways(SAMPLES.healthy)).not.toContain("assumed");
    expect(gateways(decision({ token: token(DAY, { millis: 365 * DAY, from: "assumed" }) }))).toContain(
      "\nassumed   nothing",
    );
  });
});

describe("colour", () => {
  it("marks verdicts, and the words stay", () => {
    const report = buildReport(clusterResult({ decisions: [SAMPLES.rejected, SAMPLES.healthy] }));
    const text = renderText([report], { width: 80, color: true });
    expect(text).toContain("\x1b[31m✗\x1b[39m \x1b[1m\x1b[31mrejected  \x1b[39m\x1b[22m");
    expect(text).toContain("\x1b[32m✓\x1b[39m \x1b[1m\x1b[32mhealthy   \x1b[39m\x1b[22m");
    expect(text).toContain("\x1b[1m\x1b[31m1 gateway needs attention.\x1b[39m\x1b[22m");
  });
});

describe("text from outside", () => {
  it("is shown as one line of visible characters", () => {
    const evil = decision({
      namespace: "shop\x1b[2J",
      name: "api\u202esix",
      version: "3.9.1\x07",
      verdict: "due",
      message: "line one\nline two \x9b31m",
      blockers: [blocker("Paused", "by\rsomebody")],
      action: "restart",
      pods: [pod("p\tq", 50 * DAY), pod("r", HOUR)],
      hints: [{ code: "GrantDiscovery", about: "shop\x1b[2J/default" }],
      warnings: ["\u2066odd"],
    });
    const text = plain(
      clusterResult({ cluster: "pr\x1b]0;x\x07od", gitVersion: "v1\n2", decisions: [evil], warnings: ["a\vb"] }),
      unseen("x\0", "y\u200bz"),
    );
    for (const shown of [
      "pr\\u{1b}]0;x\\u{7}od  ──",
      "(Kubernetes v1\\n2)",
      "warning  a\\u{b}b",
      "shop\\u{1b}[2J/api\\u{202e}six",
      "Deployment 3.9.1\\u{7}",
      "line one\\nline two \\u{9b}31m",
      "Paused: by\\rsomebody",
      "p\\tq",
      "ServiceAccount shop\\u{1b}[2J/default: not there",
      "warning  \\u{2066}odd",
      "x\\u{0}",
      "y\\u{200b}z",
    ]) {
      expect(text).toContain(shown);
    }
  });

  it("is bounded", () => {
    const long = "word ".repeat(100_000);
    const text = gateways(decision({ verdict: "due", message: long, name: "n".repeat(100_000), warnings: [long] }));
    expect(text.length).toBeLessThan(3_000);
    expect(text).toContain("…");
  });
});
