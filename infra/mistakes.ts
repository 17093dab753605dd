import type { GuardConfig } from "../src/config/schema.ts";
import { show } from "../src/config/show.ts";
import { type Clusters, clustersOf } from "./clusters.ts";
import { type Statement, statements } from "./roles.ts";
import { FUNCTIONS, roleName, type Settings } from "./settings.ts";

/** Of all inline policies of a role together, white space not counted. */
const LONGEST_POLICY = 10_240;

/** CloudFormation allows 500 resources in a stack, and each cluster takes an access entry for each function. */
const MOST_ACCESS_ENTRIES = 450;

/** What cannot be deployed although guard.yml is sound: every such thing, each with its place. */
export function mistakes(guard: GuardConfig, settings: Settings): string[] {
  return [
    ...(guard.clusters.length === 0 ? ["guard.yml, clusters: empty; the guard would look after nothing"] : []),
    ...guard.clusters.flatMap(nameMistake),
    ...sizeMistakes(clustersOf(guard, settings.region), settings),
    ...settingMistakes(settings),
  ];
}

/** The command line takes any kubeconfig context. A name becomes part of permissions, where `*` would mean all. */
function nameMistake(entry: GuardConfig["clusters"][number], index: number): string[] {
  if (!("name" in entry) || /^[0-9A-Za-z][\w-]{0,99}$/.test(entry.name)) return [];
  const allowed = "the name of an EKS cluster: at most 100 letters, digits, - and _";
  return [`guard.yml, clusters[${index}].name: ${show(entry.name)} must be ${allowed}`];
}

function sizeMistakes(clusters: Clusters, settings: Settings): string[] {
  const policy = asWritten(statements("sweep", clusters, settings)).length;
  const entries = clusters.named.filter(({ region }) => region === settings.region).length * FUNCTIONS.length;
  const instead = "use discover, and infra/cluster-access.yml for the access entries";
  if (policy <= LONGEST_POLICY && entries <= MOST_ACCESS_ENTRIES) return [];
  return [
    `guard.yml, clusters: too many for one stack or one IAM policy (${clusters.named.length} by name); ${instead}`,
  ];
}

/** With the longest of what CloudFormation may put in. */
const asWritten = (policy: readonly Statement[]): string =>
  JSON.stringify(policy)
    .replaceAll(/\{"Fn::Sub":("[^"]+")\}/g, "$1")
    .replaceAll(`\${AWS::Partition}`, "aws-us-gov")
    .replaceAll(`\${AWS::AccountId}`, "123456789012");

function settingMistakes({ sweepMinutes, remediateConcurrency, vpc, alarmEmail, ...place }: Settings): string[] {
  const role = roleName(place, "remediate");
  return [
    isWhole(sweepMinutes, 10, 30) ? null : "sweepMinutes: must be a whole number from 10 to 30",
    isWhole(remediateConcurrency, 1, 1000) ? null : "remediateConcurrency: must be a whole number from 1 to 1000",
    /^$|^[^\s@]+@[^\s@]+$/.test(alarmEmail) ? null : `alarmEmail: ${show(alarmEmail)} must be an e-mail address`,
    vpc !== null && Math.min(vpc.subnetIds.length, vpc.securityGroupIds.length) === 0
      ? "subnetIds, securityGroupIds: give both or none"
      : null,
    role.length > 64 ? `stage: too long, the role ${role} would have ${role.length} of 64 letters` : null,
  ].filter((mistake) => mistake !== null);
}

const isWhole = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;
