import type { ClusterEntry, GuardConfig } from "../src/config/schema.ts";

export interface NamedCluster {
  readonly name: string;
  readonly region: string;
}

/** What guard.yml asks of AWS. Clusters with a `roleArn` need one permission here: to take on a role there. */
export interface Clusters {
  /** Those that the functions sign in to with their own roles. */
  readonly named: readonly NamedCluster[];
  /** Where they look for clusters with their own roles. */
  readonly searched: readonly string[];
  /** Which remediate and refresh take on, and which the sweep does. */
  readonly roleArns: readonly string[];
  readonly sweepRoleArns: readonly string[];
  /** Whether the audit logs that EKS keeps of them are read. */
  readonly audit: boolean;
}

type Named = Extract<ClusterEntry, { name: unknown }>;
type Searched = Extract<ClusterEntry, { discover: unknown }>;

const isNamed = (entry: ClusterEntry): entry is Named => "name" in entry;
const isSearched = (entry: ClusterEntry): entry is Searched => "discover" in entry;
const isOwn = ({ roleArn }: ClusterEntry): boolean => roleArn === undefined;

/** @param region of the stack; of every cluster that guard.yml gives none */
export function clustersOf(
  { clusters, evidence }: Pick<GuardConfig, "clusters" | "evidence">,
  region: string,
): Clusters {
  const own = clusters.filter(isOwn);
  return {
    named: own.filter(isNamed).map((cluster) => ({ name: cluster.name, region: cluster.region ?? region })),
    searched: unique(own.filter(isSearched).flatMap(({ discover }) => discover.regions)),
    roleArns: unique(clusters.flatMap(({ roleArn }) => roleArn ?? [])),
    sweepRoleArns: unique(clusters.flatMap(({ roleArn, readRoleArn }) => readRoleArn ?? roleArn ?? [])),
    audit: evidence.audit,
  };
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];
