/** A separate AWS, with accounts, DNS and ARNs of its own. */
export interface Partition {
  /** As in ARNs: `arn:aws-cn:…`. */
  readonly name: string;
  /** What the names of its services end in. */
  readonly dnsSuffix: string;
}

/** By what the names of their regions begin with; from the partitions.json of AWS' own SDKs. */
const PARTITIONS: readonly (readonly [prefix: string, Partition])[] = [
  ["cn-", { name: "aws-cn", dnsSuffix: "amazonaws.com.cn" }],
  ["us-gov-", { name: "aws-us-gov", dnsSuffix: "amazonaws.com" }],
  ["us-iso-", { name: "aws-iso", dnsSuffix: "c2s.ic.gov" }],
  ["us-isob-", { name: "aws-iso-b", dnsSuffix: "sc2s.sgov.gov" }],
  ["eu-isoe-", { name: "aws-iso-e", dnsSuffix: "cloud.adc-e.uk" }],
  ["us-isof-", { name: "aws-iso-f", dnsSuffix: "csp.hci.ic.gov" }],
  ["eusc-", { name: "aws-eusc", dnsSuffix: "amazonaws.eu" }],
];

/** Where all other regions belong. */
const AWS: Partition = { name: "aws", dnsSuffix: "amazonaws.com" };

/**
 * The partition of a region. One that is not known is taken for one of `aws`, as AWS' SDKs do: new regions appear there every
 * year, new partitions hardly ever, and a name that is wrong fails in DNS with its own message.
 */
export const partitionOf = (region: string): Partition =>
  PARTITIONS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? AWS;

/** The regional endpoint of STS. The global one exists in `aws` alone, and its outage would be everybody's. */
export const stsHost = (region: string): string => `sts.${region}.${partitionOf(region).dnsSuffix}`;
