import { type EKSClient, paginateListClusters } from "@aws-sdk/client-eks";
import pLimit from "p-limit";
import { GuardError } from "../../model/errors.ts";
import type { Read } from "../../model/read.ts";
import { call, invalidAnswer } from "./call.ts";
import { clusterError, type EksCluster, type EksOptions, eksClient, readCluster } from "./describe-cluster.ts";
import type { AwsCall } from "./explain-failure.ts";
import { AWS_LIMITS, type AwsLimits } from "./limits.ts";

/** `discover` of guard.yml. */
export interface DiscoverEntry {
  readonly regions: readonly string[];
  /** All of them must be on a cluster; none: every cluster is one. */
  readonly tags: Readonly<Record<string, string>>;
}

export interface Discovery {
  /** In the order of the regions, then as EKS lists them. */
  readonly clusters: readonly EksCluster[];
  readonly failures: readonly DiscoveryFailure[];
}

/** Where clusters may be that nobody saw. */
export interface DiscoveryFailure {
  readonly region: string;
  /** The cluster that could not be asked about; null: the region could not be listed. */
  readonly name: string | null;
  readonly error: GuardError;
}

/** DescribeCluster calls at once, over all regions: EKS throttles them for the whole account. */
const MAX_CALLS = 8;

/** The most that ListClusters gives at once. */
const PAGE_SIZE = 100;

/** The clusters that carry the tags. What cannot be asked is told as a failure, beside what was found elsewhere. */
export async function discoverClusters({ regions, tags }: DiscoverEntry, options: EksOptions): Promise<Discovery> {
  const limits = { ...AWS_LIMITS, ...options.limits };
  const describing = pLimit(MAX_CALLS);
  let found: readonly Discovery[];
  try {
    const identity = await options.credentials();
    found = await Promise.all(
      regions.map((region) => searchRegion(region, eksClient(region, identity, limits), limits, describing)),
    );
  } catch (error) {
    if (!(error instanceof GuardError)) throw error;
    return { clusters: [], failures: regions.map((region) => ({ region, name: null, error })) };
  }
  return {
    clusters: found.flatMap(({ clusters }) => clusters).filter((cluster) => carries(cluster, tags)),
    failures: found.flatMap(({ failures }) => failures),
  };
}

const carries = (cluster: EksCluster, tags: DiscoverEntry["tags"]): boolean =>
  Object.entries(tags).every(([key, value]) => cluster.tags[key] === value);

/** Every cluster of a region: the tags are told for each by itself only. */
async function searchRegion(
  region: string,
  client: EKSClient,
  limits: AwsLimits,
  describing: ReturnType<typeof pLimit>,
): Promise<Discovery> {
  const clusters: EksCluster[] = [];
  const failures: DiscoveryFailure[] = [];
  const names = await listNames(region, client, limits);
  if (names.ok) {
    const describe = async (name: string) => ({ name, answer: await readCluster(client, { name, region }, limits) });
    for (const { name, answer } of await describing.map(names.value, describe)) {
      if (answer.ok) clusters.push(answer.value);
      // It was deleted since it was listed.
      else if (answer.failure.code !== "NotFound")
        failures.push({ region, name, error: clusterError({ name, region }, answer.failure) });
    }
  } else {
    failures.push({ region, name: null, error: clusterError({ name: "*", region }, names.failure) });
  }
  client.destroy();
  return { clusters, failures };
}

/** All pages or none. */
function listNames(region: string, client: EKSClient, limits: AwsLimits): Promise<Read<string[]>> {
  const about: AwsCall = {
    what: `list EKS clusters in ${region}`,
    service: "eks",
    region,
    action: "eks:ListClusters",
    resource: "*",
    explain: {
      Forbidden: `AWS refuses eks:ListClusters in ${region}; allow it on "*", which is all a policy can say of it`,
    },
  };
  return call(about, limits, async (abortSignal) => {
    const names: string[] = [];
    for await (const page of paginateListClusters({ client, pageSize: PAGE_SIZE }, {}, { abortSignal })) {
      if (!Array.isArray(page.clusters)) throw invalidAnswer(about, "no list of clusters");
      names.push(...page.clusters);
    }
    return names;
  });
}
