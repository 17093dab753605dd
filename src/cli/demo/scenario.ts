import { formatLastRestart } from "../../evidence/last-restart.ts";
import { LAST_RESTART_ANNOTATION, RESTARTED_AT_ANNOTATION } from "../../model/annotations.ts";
import type { Policy } from "../../model/policy.ts";
import { DAY, HOUR, type Instant, isoSeconds, MINUTE, SECOND } from "../../model/time.ts";
import { type SimulatedCluster, simulateCluster } from "../../simulate/cluster.ts";

/** A Thursday afternoon: the next window is a day and a half away. */
const NOW: Instant = Date.parse("2026-06-11T14:00:00Z");

/** Saturday and Sunday, 01:00 to 05:00 UTC; everything else as by default. */
export const DEMO_POLICY: Policy = {
  cure: "restart",
  restartEvery: 60 * DAY,
  restartBefore: 30 * DAY,
  urgentBefore: 10 * DAY,
  cooldown: HOUR,
  proofPeriod: 100 * SECOND,
  windows: [{ days: ["sat", "sun"], from: "01:00", to: "05:00", timeZone: "UTC" }],
  freeze: [],
  allowRisky: [],
};

const JUST_NOW = NOW - 5 * MINUTE;

/** What each gateway of the demo is there to show, in the order of the story. */
export const CAST: readonly { readonly name: string; readonly role: string }[] = [
  {
    name: "checkout",
    role: "91 days old, and the API server refuses its token: it serves endpoints that no longer exist",
  },
  { name: "payments", role: "83 days old: seven days before the end, too near to wait for a window" },
  { name: "search", role: "61 days old: due, and in no hurry" },
  {
    name: "partner",
    role: "refused, and its token is an environment variable that nobody renews: a restart is no cure",
  },
  { name: "video", role: "so busy that its log is rotated every minute: a refusal could hide there" },
  { name: "mobile", role: "restarted five minutes ago by an earlier run that was killed: its proof is still to come" },
  { name: "landing", role: "ten days old: fine" },
  { name: "next", role: "APISIX 3.16: reads the token for every request, so its age does not matter" },
];

const ENVIRONMENT_TOKEN = `discovery:
  kubernetes:
    client:
      token: \${REMOTE_TOKEN}
`;

/** One gateway of every verdict, on an EKS cluster in memory. */
export function demoCluster(): SimulatedCluster {
  const cluster = simulateCluster({ now: NOW });
  const edge = (name: string) => ({ namespace: "edge", name });
  cluster.addGateway({ ...edge("checkout"), createdAgo: 91 * DAY, refusedFor: HOUR });
  cluster.addGateway({ ...edge("payments"), createdAgo: 83 * DAY });
  cluster.addGateway({ ...edge("search"), createdAgo: 61 * DAY, kind: "DaemonSet" });
  cluster.addGateway({ ...edge("partner"), createdAgo: 40 * DAY, refusedFor: 3 * HOUR, config: ENVIRONMENT_TOKEN });
  cluster.addGateway({ ...edge("video"), createdAgo: 20 * DAY, logFileAge: MINUTE });
  cluster.addGateway({
    ...edge("mobile"),
    createdAgo: JUST_NOW_AGE,
    annotations: {
      [LAST_RESTART_ANNOTATION]: formatLastRestart({
        at: JUST_NOW,
        reason: "TokenRefused",
        result: null,
        lifetime: null,
      }),
    },
    templateAnnotations: { [RESTARTED_AT_ANNOTATION]: isoSeconds(JUST_NOW) },
  });
  cluster.addGateway({ ...edge("landing"), createdAgo: 10 * DAY });
  cluster.addGateway({ ...edge("next"), createdAgo: 120 * DAY, image: "apache/apisix:3.16.0-ubuntu" });
  return cluster;
}

/** Its new pods are a little younger than the restart, and old enough for their logs to prove something. */
const JUST_NOW_AGE = 4 * MINUTE;
