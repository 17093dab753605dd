import type { AuditGroupOptions } from "../adapters/aws/audit-group.ts";
import type { AwsCredentials } from "../adapters/aws/credentials.ts";
import { describeCluster, type EksCluster } from "../adapters/aws/describe-cluster.ts";
import { discoverClusters } from "../adapters/aws/discover-clusters.ts";
import { eksConnection } from "../adapters/aws/eks-connection.ts";
import { type ConnectedCluster, connect } from "../adapters/kubernetes/connect.ts";
import type { ClusterEntry } from "../config/schema.ts";
import type { Target } from "../fleet.ts";
import { GuardError } from "../model/errors.ts";
import { nearest } from "../model/nearest.ts";
import type { AuditLog } from "../ports.ts";
import { withoutCredentials } from "../report/without-credentials.ts";
import type { Run } from "./run.ts";

/** What it takes to find clusters. */
interface Source extends Pick<Run, "config" | "environment" | "signIn" | "now"> {
  /** Reads the audit log of a cluster where guard.yml wants it; left out by who has no use for it. */
  readonly auditOf?: (options: AuditGroupOptions) => AuditLog;
}

type NamedEntry = Extract<ClusterEntry, { name: string }>;
type SearchEntry = Extract<ClusterEntry, { discover: unknown }>;

const isNamed = (entry: ClusterEntry): entry is NamedEntry => "name" in entry;
const isSearch = (entry: ClusterEntry): entry is SearchEntry => "discover" in entry;

/**
 * Every cluster that guard.yml names or finds by its tags, each once: what is said of a cluster by name holds. A region that
 * could not be searched is a target that cannot be connected to, so that it is told like a cluster that failed. They are to be
 * looked at only: in other accounts by the role for that, where guard.yml gives one.
 */
export async function allTargets(run: Source): Promise<Target[]> {
  const entries = run.config.clusters.map(toLookAt);
  const named = entries.filter(isNamed);
  const found = await Promise.all(entries.filter(isSearch).map((entry) => search(entry, run)));
  const isNamedToo = ({ cluster }: Found) =>
    named.some(
      (entry) =>
        entry.name === cluster.name &&
        regionOf(entry, run) === cluster.region &&
        (accountOf(entry.roleArn) ?? run.environment.account) === cluster.accountId,
    );
  const targets = [
    ...named.map((entry) => namedTarget(entry, run)),
    ...found.flatMap((one) => one.found.filter((it) => !isNamedToo(it)).map((it) => foundTarget(it, run))),
    ...found.flatMap(({ failed }) => failed),
  ];
  // Searches may overlap: the first entry that finds a cluster holds.
  return targets.filter(({ name }, index) => targets.findIndex((target) => target.name === name) === index);
}

const toLookAt = (entry: ClusterEntry): ClusterEntry =>
  entry.readRoleArn === undefined ? entry : { ...entry, roleArn: entry.readRoleArn };

/**
 * One cluster by the name that sweeps give it, to restart in.
 *
 * @throws GuardError `BadUsage` when guard.yml does not know it
 */
export async function oneTarget(name: string, run: Source): Promise<Target> {
  const named = run.config.clusters.filter(isNamed);
  const entry = named.find((one) => one.name === name);
  if (entry !== undefined) return namedTarget(entry, run);
  const wanted = parseFoundName(name);
  const searches = run.config.clusters
    .filter(isSearch)
    .filter(
      ({ discover, roleArn }) =>
        wanted !== null && discover.regions.includes(wanted.region) && accountOf(roleArn) === wanted.account,
    );
  if (wanted === null || searches.length === 0) throw unknownCluster(name, named);
  for (const entry of searches) {
    const credentials = run.signIn(entry.roleArn);
    const ref = { name: wanted.name, region: wanted.region };
    const described = await describeCluster(ref, { credentials }).catch((error: unknown) => ({ error }));
    // As in a sweep: that AWS does not tell about a cluster is a result, not the end of the run.
    if ("error" in described) return lostTarget(name, entry, described.error, run);
    const { tags } = described;
    const carries = Object.entries(entry.discover.tags).every(([key, value]) => tags[key] === value);
    if (carries) return foundTarget({ cluster: described, entry }, run);
  }
  throw new GuardError("BadUsage", `${name} does not carry the tags by which guard.yml discovers clusters there.`);
}

/** `eu-west-1/prod`; with a role of another account `123456789012/eu-west-1/prod`. A name alone may exist in every region. */
const foundName = ({ cluster: { region, name, accountId }, entry: { roleArn } }: Found): string =>
  roleArn === undefined ? `${region}/${name}` : `${accountId}/${region}/${name}`;

function parseFoundName(text: string): { account: string | null; region: string; name: string } | null {
  const [, account = null, region, name] = /^(?:(\d{12})\/)?([a-z0-9-]+)\/([\w-]+)$/.exec(text) ?? [];
  return region === undefined || name === undefined ? null : { account: account ?? null, region, name };
}

const accountOf = (roleArn: string | undefined): string | null => roleArn?.split(":")[4] ?? null;

interface Found {
  readonly cluster: EksCluster;
  readonly entry: SearchEntry;
}

/** A named cluster without a region is where the function is. */
const regionOf = ({ region }: NamedEntry, { environment }: Source): string => region ?? environment.region;

function namedTarget(entry: NamedEntry, run: Source): Target {
  const credentials = run.signIn(entry.roleArn);
  const ref = { name: entry.name, region: regionOf(entry, run) };
  return {
    name: entry.name,
    settings: settingsOf(entry, run),
    connect: async () => connectEks(await describeCluster(ref, { credentials }), credentials, run),
  };
}

const foundTarget = (found: Found, run: Source): Target => ({
  name: foundName(found),
  settings: settingsOf(found.entry, run),
  connect: async () => connectEks(found.cluster, run.signIn(found.entry.roleArn), run),
});

const connectEks = (
  cluster: EksCluster,
  credentials: AwsCredentials,
  { config, now, auditOf }: Source,
): ConnectedCluster => ({
  ...connect(eksConnection(cluster, credentials, now)),
  ...(config.evidence.audit && auditOf !== undefined ? { audit: auditOf({ cluster, credentials }) } : {}),
});

const lostTarget = (name: string, entry: SearchEntry, error: unknown, run: Source): Target => ({
  name,
  settings: settingsOf(entry, run),
  connect: () => Promise.reject(error),
});

const settingsOf = ({ mode, tokenLifetime }: ClusterEntry, { config: { policy } }: Source): Target["settings"] => ({
  policy,
  mode,
  tokenLifetime: tokenLifetime ?? null,
});

async function search(entry: SearchEntry, run: Source): Promise<{ found: Found[]; failed: Target[] }> {
  const { clusters, failures } = await discoverClusters(entry.discover, { credentials: run.signIn(entry.roleArn) });
  const account = accountOf(entry.roleArn);
  return {
    found: clusters.map((cluster) => ({ cluster, entry })),
    failed: failures.map(({ region, name, error }) =>
      lostTarget([account, region, name ?? "*"].filter((part) => part !== null).join("/"), entry, error, run),
    ),
  };
}

function unknownCluster(name: string, named: readonly NamedEntry[]): GuardError {
  const names = named.map((entry) => entry.name);
  const meant = nearest(name, names);
  const hint = meant === null ? `there are: ${names.join(", ") || "none by name"}` : `did you mean ${meant}?`;
  return new GuardError(
    "BadUsage",
    `guard.yml knows no cluster ${withoutCredentials(name)}; ${hint}. A cluster that is found by its tags is called REGION/NAME.`,
  );
}
