import { ADVICE, type Advice, type AdviceCode } from "../model/advice.ts";
import type { Plan } from "../model/decision.ts";

/** More numbers or names than this are counted. */
const LISTED = 6;

interface Case {
  /** What the hints are about, each once. */
  readonly about: readonly string[];
  readonly count: number;
  readonly eks: boolean;
}

/** What people can do for a cluster: the hints about its gateways, taken together. */
export function adviceOf({ decisions, gitVersion }: Pick<Plan, "decisions" | "gitVersion">): readonly Advice[] {
  return ADVICE.flatMap((code) => {
    const helped = decisions.filter(({ hints }) => hints.some((hint) => hint.code === code));
    if (helped.length === 0) return [];
    const hints = helped.flatMap((decision) => decision.hints.filter((hint) => hint.code === code));
    const about = [...new Set(hints.flatMap((hint) => hint.about ?? []))].toSorted(inOrder);
    const message = MESSAGES[code]({ about, count: helped.length, eks: gitVersion.includes("-eks-") });
    return [{ code, message, gateways: helped.map(({ gateway }) => gateway) }];
  });
}

const MESSAGES: Readonly<Record<AdviceCode, (found: Case) => string>> = {
  UpgradeApisix: ({ about, count }) =>
    `Upgrade APISIX to 3.13.0 or later (chart 2.11.0 or later), which reads the token anew for every request: that frees ` +
    `${count === 1 ? "this gateway" : `these ${count} gateways`} (now ${listed(about)}) of restarts for good. From 3.15.0 (chart 2.13.0) ` +
    "on, /status/ready also waits for the first list of endpoints.",
  RemoveTokenVolume: ({ about, eks }) =>
    `The token volume asks for ${listed(about.map((seconds) => `${seconds} s`))}. Only for exactly 3607 s does the API server extend a ` +
    `token beyond what was asked for: any other value, a longer one too, turns that off${eks ? ", and EKS grants no more than 86400 s" : ""}. ` +
    "Remove the volume, or ask for 3607.",
  SetTokenLifetime: ({ about: [learned] }) =>
    learned === undefined
      ? "Nothing tells how long this cluster's tokens live, and one year is assumed. Take exp less iat from the claims of a token " +
        "in a gateway's pod, and write it beside the cluster's name in guard.yml as tokenLifetime."
      : "Refusals have shown how long this cluster's tokens live. Write it beside the cluster's name in guard.yml, where no edit of a " +
        `workload can lose it: tokenLifetime: ${learned}`,
  ReplaceStaticToken: () =>
    "The token stands in the configuration, in an environment variable or in a file that Kubernetes does not renew, so its age is not " +
    "known and no restart renews it. Let client.token_file of discovery.kubernetes name the mounted ServiceAccount token; for another " +
    "cluster, renew it before it ends.",
  GrantDiscovery: ({ about }) =>
    `ServiceAccount${about.length === 1 ? "" : "s"} ${listed(about)}: not there, or not allowed to list endpoints. Restarts wait, and a ` +
    "pod that starts by itself has no upstream nodes. Grant get, list and watch on endpoints (chart: serviceAccount.create and " +
    "rbac.create, both off by default).",
  ShowErrorLog: () =>
    "nginx_config sends the error log elsewhere, or leaves errors out, so no refusal can be seen. Set error_log: /dev/stderr and " +
    "error_log_level: warn.",
  KeepLogsLonger: () =>
    "The log does not reach back two minutes, so a refusal can hide. Raise the kubelet's containerLogMaxSize (10Mi by default), or " +
    "keep the access log out of the container's output.",
  MoveWindows: ({ about }) =>
    `A restart that is due becomes urgent after ${listed(about)}, and no window opens in that time, so it will not wait for one. Open ` +
    "windows at least that often, and not only within a freeze, or none at all.",
};

function listed(texts: readonly string[]): string {
  const shown = texts.length > LISTED ? [...texts.slice(0, LISTED - 1), `${texts.length - LISTED + 1} more`] : texts;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/** Numbers in texts by their value: 3.9.1 before 3.11.0. */
const inOrder = (a: string, b: string): number => a.localeCompare(b, "en", { numeric: true });
