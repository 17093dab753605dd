import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { parseConfig } from "../../src/config/parse.ts";
import { GuardError } from "../../src/model/errors.ts";
import type { GatewayScope } from "../../src/model/observation.ts";
import type { Policy } from "../../src/model/policy.ts";
import { DAY, HOUR, SECOND } from "../../src/model/time.ts";

const configOf = (yaml: string) => parseConfig(yaml, "guard.yml").config;

/** The lines below the heading, without `line N, `. */
function mistakes(yaml: string): string[] {
  return refusalOf(yaml)
    .split("\n")
    .slice(1)
    .map((line) => line.replace(/^ {2}(line \d+, )?/, ""));
}

function refusalOf(yaml: string): string {
  try {
    parseConfig(yaml, "guard.yml");
  } catch (error) {
    if (error instanceof GuardError && error.code === "BadConfig") return error.message;
    throw error;
  }
  throw new Error(`accepted: ${yaml}`);
}

const WINDOW = 'days: [sat], from: "01:00", to: "05:00", timeZone: Europe/Berlin';

describe("a sound guard.yml", () => {
  it.each(["", "# only a comment\n", "{}", "---\n"])("%j means the defaults", (yaml) => {
    expect(configOf(yaml)).toEqual({
      clusters: [],
      gateways: { selector: "app.kubernetes.io/name=apisix", namespaces: [] },
      evidence: { logs: true, config: true, audit: false, probe: false },
      policy: {
        cure: "restart",
        restartEvery: 60 * DAY,
        restartBefore: 30 * DAY,
        urgentBefore: 10 * DAY,
        cooldown: HOUR,
        proofPeriod: 100 * SECOND,
        windows: [],
        freeze: [],
        allowRisky: [],
      },
    });
  });

  it("is read in full", () => {
    const config = configOf(`
clusters:
  - name: prod
    region: eu-west-1
    mode: remediate
    roleArn: arn:aws:iam::123456789012:role/ops/guard
    readRoleArn: arn:aws:iam::123456789012:role/ops/guard-read
    tokenLifetime: 90d
  - discover: { regions: [eu-west-1, us-gov-east-1], tags: { apisix: "true" } }
gateways: { selector: "app in (a, b),!old", namespaces: [edge, ops] }
evidence: { logs: true, config: false, audit: true, probe: true }
policy:
  cure: reload
  restartEvery: 45d
  restartBefore: 20d
  urgentBefore: 5d 12h
  cooldown: 2h
  proofPeriod: 2m
  windows: [ { days: [sat, sun], from: "23:00", to: "05:00", timeZone: Europe/Berlin } ]
  freeze: [ { from: 2026-12-20, to: 2027-01-02 }, { from: 2026-02-28, to: 2026-02-28, timeZone: Asia/Tokyo } ]
  allowRisky: [recreate, onDelete, partition, configChanged, standalone, latest]
`);
    const scope: GatewayScope = config.gateways;
    const policy: Policy = config.policy;
    expect(config.clusters).toEqual([
      {
        name: "prod",
        region: "eu-west-1",
        mode: "remediate",
        roleArn: "arn:aws:iam::123456789012:role/ops/guard",
        readRoleArn: "arn:aws:iam::123456789012:role/ops/guard-read",
        tokenLifetime: 90 * DAY,
      },
      { discover: { regions: ["eu-west-1", "us-gov-east-1"], tags: { apisix: "true" } }, mode: "check" },
    ]);
    expect(scope).toEqual({ selector: "app in (a, b),!old", namespaces: ["edge", "ops"] });
    expect(config.evidence).toEqual({ logs: true, config: false, audit: true, probe: true });
    expect(policy).toEqual({
      cure: "reload",
      restartEvery: 45 * DAY,
      restartBefore: 20 * DAY,
      urgentBefore: 5 * DAY + 12 * HOUR,
      cooldown: 2 * HOUR,
      proofPeriod: 120 * SECOND,
      windows: [{ days: ["sat", "sun"], from: "23:00", to: "05:00", timeZone: "Europe/Berlin" }],
      freeze: [
        { from: "2026-12-20", to: "2027-01-02", timeZone: "UTC" },
        { from: "2026-02-28", to: "2026-02-28", timeZone: "Asia/Tokyo" },
      ],
      allowRisky: ["recreate", "onDelete", "partition", "configChanged", "standalone", "latest"],
    });
  });

  it.each([
    "policy: { cooldown: 1s, proofPeriod: 1s }",
    "policy: { restartBefore: 100d }",
    "clusters: [{ name: a, tokenLifetime: 2h }]",
    "clusters: [{ name: arn:aws:eks:eu-west-1:123456789012:cluster/prod }, { name: admin@kind }, { name: my context }]",
    "policy: { freeze: [{ from: 2028-02-29, to: 2028-02-29 }] }",
    "clusters: [{ name: a, region: eusc-de-east-1 }]",
    "clusters: [{ name: a, roleArn: arn:aws-cn:iam::123456789012:role/guard }]",
  ])("%s is accepted", (yaml) => {
    expect(configOf(yaml)).toBeDefined();
  });

  it("cannot be changed afterwards", () => {
    const { config } = parseConfig(`policy: { windows: [{ ${WINDOW} }] }`, "guard.yml");
    const frozen = [config, config.clusters, config.policy, config.policy.windows, config.policy.windows[0]?.days];
    expect(frozen.every(Object.isFrozen)).toBe(true);
  });
});

describe("a mistake in guard.yml", () => {
  it.each([
    // Unknown keys, everywhere.
    ["polcy: {}", "polcy: unknown key (did you mean policy?); allowed: clusters, gateways, evidence, policy"],
    ["policy: { restartEvry: 60d }", "policy.restartEvry: unknown key (did you mean restartEvery?)"],
    ["clusters: [{ name: a, regoin: x }]", "clusters[0].regoin: unknown key (did you mean region?)"],
    ["clusters: [{ name: a, discover: { regions: [eu-west-1] } }]", "clusters[0].name: unknown key; allowed: discover"],
    [
      "clusters: [{ discover: { regions: [eu-west-1], tag: {} } }]",
      "clusters[0].discover.tag: unknown key (did you mean tags?)",
    ],
    ["gateways: { namespace: a }", "gateways.namespace: unknown key (did you mean namespaces?)"],
    ["evidence: { log: true }", "evidence.log: unknown key (did you mean logs?)"],
    [
      `policy: { windows: [{ ${WINDOW}, tz: UTC }] }`,
      "policy.windows[0].tz: unknown key; allowed: days, from, to, timeZone",
    ],
    [
      "policy: { freeze: [{ from: 2026-01-01, to: 2026-01-02, until: x }] }",
      "policy.freeze[0].until: unknown key; allowed",
    ],
    ['{ "__proto__": { policy: 1 } }', "__proto__: unknown key"],
    ["<<: {}", '"<<": unknown key'],
    // Wrong shapes.
    ["a text", "the file must be a mapping"],
    ["[]", "the file must be a mapping"],
    ["clusters: {}", "clusters: a mapping must be a list"],
    ["clusters: [prod]", 'clusters[0]: "prod" must be a mapping'],
    ["clusters: [{}]", "clusters[0].name: missing, must be a name"],
    ["policy: 60d", 'policy: "60d" must be a mapping'],
    ["policy:", "policy: empty, must be a mapping"],
    ["policy: { cooldown: }", "policy.cooldown: empty, must be a length of time"],
    ["evidence: { logs: no }", 'evidence.logs: "no" must be true or false'],
    ["policy: { windows: {} }", "policy.windows: a mapping must be a list"],
    [
      "policy: { allowRisky: [recreat] }",
      '"recreat" must be one of recreate, onDelete, partition, configChanged, standalone, latest (did you mean recreate?)',
    ],
    // Values.
    ["policy: { cooldown: 60 }", "policy.cooldown: 60 must be a length of time with its units, such as 60d"],
    ['policy: { cooldown: "" }', 'policy.cooldown: "" must be a length of time'],
    ["policy: { cooldown: -1h }", 'policy.cooldown: "-1h" must be a length of time'],
    ["policy: { cooldown: .nan }", "policy.cooldown: NaN must be a length of time"],
    ["policy: { cooldown: 0s }", 'policy.cooldown: "0s" must be a length of time from 1s to 3650d'],
    ["policy: { restartEvery: 3651d }", 'policy.restartEvery: "3651d" must be a length of time from 1s to 3650d'],
    [
      "clusters: [{ name: a, tokenLifetime: 9m }]",
      'clusters[0].tokenLifetime: "9m" must be a length of time from 10m to',
    ],
    ["clusters: [{ name: '' }]", 'clusters[0].name: "" must be a name'],
    ["clusters: [{ name: 7 }]", "clusters[0].name: 7 must be a name"],
    [
      "clusters: [{ name: a, mode: Check }]",
      'clusters[0].mode: "Check" must be one of check, remediate (did you mean check?)',
    ],
    ["clusters: [{ name: a, region: Ireland }]", 'clusters[0].region: "Ireland" must be an AWS region'],
    ["clusters: [{ name: a, roleArn: arn:aws:iam::1:role/x }]", "must be the ARN of an IAM role"],
    [
      "clusters: [{ discover: { regions: [] } }]",
      "clusters[0].discover.regions: an empty list must be a list of at least one region",
    ],
    [
      "clusters: [{ discover: { regions: [eu-west-1], tags: { a: true } } }]",
      "clusters[0].discover.tags.a: true must be text; put it in quotes",
    ],
    [
      "gateways: { selector: 7 }",
      "gateways.selector: 7 must be a label selector such as app.kubernetes.io/name=apisix",
    ],
    ["gateways: { selector: 'app=a,' }", 'gateways.selector: "app=a," must be a label selector such as app.kubernetes'],
    ["gateways: { selector: app in a }", 'gateways.selector: "app in a" must be a label selector'],
    ["gateways: { selector: ' ' }", 'gateways.selector: " " must be a label selector'],
    ["gateways: { namespaces: [Edge] }", 'gateways.namespaces[0]: "Edge" must be the name of a namespace'],
    ["gateways: { namespaces: [a, b, a] }", 'gateways.namespaces[2]: "a" must be named once: it already stands at [0]'],
    [
      `policy: { windows: [{ ${WINDOW.replace("01:00", "24:00")} }] }`,
      'policy.windows[0].from: "24:00" must be a time of day',
    ],
    [
      `policy: { windows: [{ ${WINDOW.replace("01:00", "1:00")} }] }`,
      'policy.windows[0].from: "1:00" must be a time of day',
    ],
    [
      `policy: { windows: [{ ${WINDOW.replace("[sat]", "[Sunday]")} }] }`,
      'policy.windows[0].days[0]: "Sunday" must be one of mon, tue, wed, thu, fri, sat, sun (did you mean sun?)',
    ],
    [
      `policy: { windows: [{ ${WINDOW.replace("[sat]", "[]")} }] }`,
      "policy.windows[0].days: an empty list must be a list of at least one day",
    ],
    [
      `policy: { windows: [{ ${WINDOW.replace("Berlin", "Berln")} }] }`,
      '"Europe/Berln" must be a time zone of the IANA database such as Europe/Berlin or UTC (did you mean Europe/Berlin?)',
    ],
    [`policy: { windows: [{ ${WINDOW.replace("Europe/Berlin", '"+02:00"')} }] }`, "must be a time zone"],
    [
      'policy: { windows: [{ days: [sat], from: "01:00", to: "05:00" }] }',
      "policy.windows[0].timeZone: missing, must be a time zone",
    ],
    [
      "policy: { freeze: [{ from: 2026-02-30, to: 2026-03-01 }] }",
      'policy.freeze[0].from: "2026-02-30" must be a date of the calendar',
    ],
    [
      "policy: { freeze: [{ from: 20.12.2026, to: 2026-12-31 }] }",
      'policy.freeze[0].from: "20.12.2026" must be a date of the calendar',
    ],
    // Combinations.
    ["policy: { urgentBefore: 30d }", 'policy.urgentBefore: "30d" must be shorter than restartBefore (30d)'],
    ["policy: { restartBefore: 5d }", "policy.urgentBefore: 10d (the default) must be shorter than restartBefore (5d)"],
    ["policy: { cooldown: 99s }", 'policy.cooldown: "99s" must be at least proofPeriod (1m 40s)'],
    ["policy: { restartEvery: 1h }", 'policy.restartEvery: "1h" must be longer than cooldown (1h)'],
    ["policy: { proofPeriod: 1d, cooldown: 2d }", 'policy.proofPeriod: "1d" must be shorter than 1d'],
    [
      "clusters: [{ name: a, tokenLifetime: 1h }]",
      'clusters[0].tokenLifetime: "1h" must be longer than policy.cooldown (1h)',
    ],
    [
      "clusters: [{ name: a, readRoleArn: arn:aws:iam::123456789012:role/x }]",
      'clusters[0].readRoleArn: "arn:aws:iam::123456789012:role/x" must be a role of the same account as roleArn',
    ],
    ["clusters: [{ name: a }, { name: a }]", 'clusters[1].name: "a" must be named once: it already stands at [0]'],
    [
      `policy: { windows: [{ ${WINDOW.replace("05:00", "01:00")} }] }`,
      'policy.windows[0].to: "01:00" must be another time than from',
    ],
    [
      "policy: { freeze: [{ from: 2026-12-20, to: 2026-12-19 }] }",
      "must be the same day as from (2026-12-20) or a later one",
    ],
    // YAML.
    ["policy: { cooldown: 1h, cooldown: 2h }", "not valid YAML (duplicate key)"],
    ['policy: "open', "not valid YAML (missing char)"],
    ["clusters: *nowhere", "not valid YAML (unusable alias)"],
    ["policy: !!js/function x", "not valid YAML (tag resolve failed)"],
    ["{}\n---\n{}", "not valid YAML (multiple docs)"],
  ])("%s", (yaml, expected) => {
    const [found, ...others] = mistakes(yaml);
    expect(found).toContain(expected);
    expect(others).toEqual([]);
  });

  it("is reported with all the others, in the order of the file and with its line", () => {
    const text = refusalOf(`# seven mistakes
clusters:
  - name: prod
    regoin: eu-west-1
  - name: prod
policy:
  restartEvery: 60
  urgentBefore: 40d
  windows:
    - { days: [sat], from: "01:00", to: "01:00", timeZone: UTC, zone: 1 }
    - { days: [sat], from: "25:00", to: "01:00", timeZone: UTC }
`);
    expect(text.split("\n").map((line) => line.replace(/:.*/, ""))).toEqual([
      "guard.yml has 7 mistakes",
      "  line 4, clusters[0].regoin",
      "  line 5, clusters[1].name",
      "  line 7, policy.restartEvery",
      "  line 8, policy.urgentBefore",
      "  line 10, policy.windows[0].zone",
      "  line 10, policy.windows[0].to",
      "  line 11, policy.windows[1].from",
    ]);
  });
});

describe("a file that is not a guard.yml at all", () => {
  const SECRET = "eyJhbGciOiJSUzI1NiJ9.c2VjcmV0.c2lnbmF0dXJl";

  it.each([
    ["a token", SECRET],
    [
      "a kubeconfig",
      stringify({
        apiVersion: "v1",
        clusters: [{ name: "a", cluster: { server: SECRET } }],
        users: [{ user: { token: SECRET } }],
      }),
    ],
    ["a kubeconfig with a fault", `users:\n- user:\n    token: "${SECRET}\n  x`],
    ["a token in brackets", `{ ${SECRET}: [`],
  ])("is refused without a word of its content: %s", (_what, text) => {
    expect(refusalOf(text)).not.toContain(SECRET.slice(0, 12));
  });

  it("is refused with its oddities escaped", () => {
    const text = mistakes('"a\\e[31m\\u202eb": 1\npolicy: { cooldown: "\\e[2Jx" }').join(" ");
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text).toContain("\\u{1b}");
  });

  it("never ends in anything but a configuration or a BadConfig, whatever the values are", () => {
    const keys = fc.constantFrom(
      "clusters",
      "gateways",
      "evidence",
      "policy",
      "windows",
      "freeze",
      "name",
      "from",
      "discover",
      "x",
    );
    const values = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.constant(null),
      fc.boolean(),
      fc.constantFrom("60d", "01:00", "2026-12-20"),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        values,
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(keys, tie("tree"), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => settled(stringify(value))),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 60 }), settled), { numRuns: 500 });
  });
});

function settled(text: string): boolean {
  try {
    return parseConfig(text, "guard.yml").config !== undefined;
  } catch (error) {
    return error instanceof GuardError && error.code === "BadConfig";
  }
}
