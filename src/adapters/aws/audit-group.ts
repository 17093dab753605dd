import { setTimeout } from "node:timers/promises";
import { createAuditScanner } from "../../evidence/audit-scanner.ts";
import type { AuditEvidence } from "../../model/audit.ts";
import { type Read, read } from "../../model/read.ts";
import { MINUTE, type Millis, SECOND } from "../../model/time.ts";
import type { AuditLog, AuditRange } from "../../ports.ts";
import { call } from "./call.ts";
import { clientSettings } from "./client-settings.ts";
import type { AwsCredentials } from "./credentials.ts";
import type { EksClusterRef } from "./eks-token.ts";
import type { AwsCall } from "./explain-failure.ts";
import { AWS_LIMITS, type AwsLimits } from "./limits.ts";
import { partitionOf } from "./partitions.ts";

/** How much is read of a log group that can be of any size. */
export interface AuditGroupBounds {
  readonly pages: number;
  readonly time: Millis;
  /** Between two pages, of all clusters of a region: the account may ask five times a second in some. */
  readonly pause: Millis;
}

const BOUNDS: AuditGroupBounds = { pages: 100, time: 30 * SECOND, pause: 250 };

/**
 * How far back is looked. Every informer asks anew within 47 minutes, and EKS delivers events within a few minutes, so this holds a
 * request of each whose token is stale and accepted.
 */
const LOOK_BACK: Millis = 75 * MINUTE;

/** Both must be in an event. The first alone would bring every client of the cluster that keeps its token. */
const PATTERN = '"seconds after warning threshold" "lua-resty-http"';

export interface AuditGroupOptions {
  readonly cluster: EksClusterRef;
  readonly credentials: AwsCredentials;
  readonly limits?: Partial<AwsLimits>;
  readonly bounds?: Partial<AuditGroupBounds>;
}

/**
 * The audit log that EKS keeps in CloudWatch for a cluster whose audit logging is on. The newest events come first, so that what
 * a bound cuts off are the oldest.
 */
export function eksAuditGroup(options: AuditGroupOptions): AuditLog {
  const bounds = { ...BOUNDS, ...options.bounds };
  const limits = { ...AWS_LIMITS, ...options.limits };
  let answer: Promise<Read<AuditEvidence>> | undefined;
  return {
    read: (range) => {
      answer ??= readGroup(options, range, limits, bounds);
      return answer;
    },
  };
}

async function readGroup(
  { cluster, credentials }: AuditGroupOptions,
  range: AuditRange,
  limits: AwsLimits,
  bounds: AuditGroupBounds,
): Promise<Read<AuditEvidence>> {
  const about = toFilter(cluster);
  const scanner = createAuditScanner();
  const stopAt = performance.now() + bounds.time;
  const from = Math.max(range.from, range.until - LOOK_BACK);
  let token: string | undefined;
  for (let page = 0; ; page++) {
    const over = page === bounds.pages || performance.now() > stopAt;
    if (over) return partly(scanner, `it is too large to be read to its end in ${bounds.time / SECOND} s.`);
    await turnIn(cluster.region, bounds.pause);
    const filtered = await filterPage(about, { from, until: range.until }, token, { cluster, credentials, limits });
    if (!filtered.ok) return page === 0 ? filtered : partly(scanner, filtered.failure.message);
    for (const message of filtered.value.messages) scanner.push(Buffer.from(`${message}\n`));
    token = filtered.value.next;
    // A page without events may be followed by one that has some.
    if (token === undefined) return read({ ...scanner.finish(), gaps: [] });
  }
}

type Scanner = ReturnType<typeof createAuditScanner>;

const partly = (scanner: Scanner, why: string): Read<AuditEvidence> =>
  read({ ...scanner.finish(), gaps: [`of the last ${LOOK_BACK / MINUTE} minutes the older events: ${why}`] });

interface Page {
  readonly messages: readonly string[];
  readonly next: string | undefined;
}

function filterPage(
  about: AwsCall,
  { from, until }: AuditRange,
  nextToken: string | undefined,
  { cluster, credentials, limits }: Pick<AuditGroupOptions, "cluster" | "credentials"> & { readonly limits: AwsLimits },
): Promise<Read<Page>> {
  return call(about, limits, async (abortSignal) => {
    const { CloudWatchLogsClient, FilterLogEventsCommand } = await import("@aws-sdk/client-cloudwatch-logs");
    const client = new CloudWatchLogsClient(clientSettings(cluster.region, await credentials(), limits));
    try {
      const command = new FilterLogEventsCommand({
        logGroupName: groupOf(cluster),
        logStreamNamePrefix: "kube-apiserver-audit",
        filterPattern: PATTERN,
        startTime: from,
        endTime: until,
        startFromHead: false,
        nextToken,
      });
      const { events = [], nextToken: next } = await client.send(command, { abortSignal });
      return { messages: events.flatMap(({ message }) => (message === undefined ? [] : [message])), next };
    } finally {
      client.destroy();
    }
  });
}

/** EKS names it so for every cluster, and gives no choice. */
const groupOf = ({ name }: EksClusterRef): string => `/aws/eks/${name}/cluster`;

function toFilter(cluster: EksClusterRef): AwsCall {
  const { name, region } = cluster;
  const group = groupOf(cluster);
  return {
    what: `read the audit log of EKS cluster ${name} in ${region}`,
    service: "logs",
    region,
    action: "logs:FilterLogEvents",
    resource: `arn:${partitionOf(region).name}:logs:${region}:*:log-group:${group}:*`,
    explain: {
      NotFound: `There is no log group ${group} in ${region}; switch on logging of type audit for the EKS cluster, or evidence.audit off in guard.yml`,
    },
  };
}

/** When the next page of a region may be asked for, by the clock of this process. */
const turns = new Map<string, number>();

async function turnIn(region: string, pause: Millis): Promise<void> {
  const now = performance.now();
  const mine = Math.max(now, turns.get(region) ?? 0);
  turns.set(region, mine + pause);
  if (mine > now) await setTimeout(mine - now);
}
