import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDuration } from "../../src/config/duration.ts";
import { ADVICE, type AdviceCode } from "../../src/model/advice.ts";
import { adviceOf } from "../../src/report/advice.ts";
import { decision, plan } from "../support/sample-decisions.ts";

/** Gateways a, b, c …, each with what the hint on it is about. */
const gateways = (code: AdviceCode, abouts: readonly (string | null)[]) =>
  abouts.map((about, index) => decision({ name: "abcdefgh"[index] ?? "z", hints: [{ code, about }] }));
const said = (code: AdviceCode, abouts: readonly (string | null)[], gitVersion = "v1.33.5-eks-abc123") =>
  adviceOf(plan({ decisions: [...gateways(code, abouts), decision({ name: "other" })], gitVersion }));

const CASES: readonly (readonly [AdviceCode, readonly (string | null)[], string?])[] = [
  ["UpgradeApisix", ["3.11.0", "3.9.1", "3.9.1"]],
  ["UpgradeApisix", ["2.15.3"]],
  ["RemoveTokenVolume", ["86400", "7200"]],
  ["RemoveTokenVolume", ["7200"], "v1.33.5"],
  ["SetTokenLifetime", [null], "v1.33.5"],
  ["SetTokenLifetime", ["23h", "23h"]],
  ["ReplaceStaticToken", [null]],
  ["GrantDiscovery", ["shop/default", "edge/apisix"]],
  ["ShowErrorLog", [null]],
  ["KeepLogsLonger", [null]],
  ["MoveWindows", ["5 h 20 min"]],
];

describe("advice", () => {
  it("says what to do, why, and with which numbers", () => {
    const text = CASES.map(([code, abouts, version]) => `${code}: ${said(code, abouts, version)[0]?.message}`);
    expect(`\n${text.join("\n")}\n`).toMatchInlineSnapshot(`
      "
      UpgradeApisix: Upgrade APISIX to 3.13.0 or later (chart 2.11.0 or later), which reads the token anew for every request: that frees these 3 gateways (now 3.9.1 and 3.11.0) of restarts for good. From 3.15.0 (chart 2.13.0) on, /status/ready also waits for the first list of endpoints.
      UpgradeApisix: Upgrade APISIX to 3.13.0 or later (chart 2.11.0 or later), which reads the token anew for every request: that frees this gateway (now 2.15.3) of restarts for good. From 3.15.0 (chart 2.13.0) on, /status/ready also waits for the first list of endpoints.
      RemoveTokenVolume: The token volume asks for 7200 s and 86400 s. Only for exactly 3607 s does the API server extend a token beyond what was asked for: any other value, a longer one too, turns that off, and EKS grants no more than 86400 s. Remove the volume, or ask for 3607.
      RemoveTokenVolume: The token volume asks for 7200 s. Only for exactly 3607 s does the API server extend a token beyond what was asked for: any other value, a longer one too, turns that off. Remove the volume, or ask for 3607.
      SetTokenLifetime: Nothing tells how long this cluster's tokens live, and one year is assumed. Take exp less iat from the claims of a token in a gateway's pod, and write it beside the cluster's name in guard.yml as tokenLifetime.
      SetTokenLifetime: Refusals have shown how long this cluster's tokens live. Write it beside the cluster's name in guard.yml, where no edit of a workload can lose it: tokenLifetime: 23h
      ReplaceStaticToken: The token stands in the configuration, in an environment variable or in a file that Kubernetes does not renew, so its age is not known and no restart renews it. Let client.token_file of discovery.kubernetes name the mounted ServiceAccount token; for another cluster, renew it before it ends.
      GrantDiscovery: ServiceAccounts edge/apisix and shop/default: not there, or not allowed to list endpoints. Restarts wait, and a pod that starts by itself has no upstream nodes. Grant get, list and watch on endpoints (chart: serviceAccount.create and rbac.create, both off by default).
      ShowErrorLog: nginx_config sends the error log elsewhere, or leaves errors out, so no refusal can be seen. Set error_log: /dev/stderr and error_log_level: warn.
      KeepLogsLonger: The log does not reach back two minutes, so a refusal can hide. Raise the kubelet's containerLogMaxSize (10Mi by default), or keep the access log out of the container's output.
      MoveWindows: A restart that is due becomes urgent after 5 h 20 min, and no window opens in that time, so it will not wait for one. Open windows at least that often, and not only within a freeze, or none at all.
      "
    `);
  });

  it("names those whom it would help, once each and no others", () => {
    const [first, ...rest] = said("UpgradeApisix", ["3.9.1", "3.11.0"]);
    expect(rest).toEqual([]);
    expect(first?.gateways.map(({ name }) => name)).toEqual(["a", "b"]);
  });

  it("is none where nothing would help", () => {
    expect(adviceOf(plan())).toEqual([]);
    expect(adviceOf(plan({ decisions: [] }))).toEqual([]);
  });

  it("puts first what helps for good, whatever the order of the gateways", () => {
    const order = fc.shuffledSubarray([...ADVICE], { minLength: ADVICE.length });
    fc.assert(
      fc.property(order, (codes) => {
        const decisions = codes.map((code) => decision({ name: code, hints: [{ code, about: null }] }));
        expect(adviceOf(plan({ decisions })).map(({ code }) => code)).toEqual(ADVICE);
      }),
    );
  });

  it("counts what would make the sentence too long", () => {
    const versions = ["3.1.0", "3.2.0", "3.3.0", "3.4.0", "3.5.0", "3.6.0", "3.10.0"];
    expect(said("UpgradeApisix", versions)[0]?.message).toContain("(now 3.1.0, 3.2.0, 3.3.0, 3.4.0, 3.5.0 and 2 more)");
    expect(said("UpgradeApisix", versions.slice(0, 6))[0]?.message).toContain("3.4.0, 3.5.0 and 3.6.0)");
  });

  it("ends with a line that guard.yml takes, where a lifetime was learned", () => {
    const line = /tokenLifetime: (\S.*)$/.exec(said("SetTokenLifetime", ["89d 22h"])[0]?.message ?? "")?.[1];
    expect(parseDuration(line ?? "")).toBe((89 * 24 + 22) * 3_600_000);
  });
});
