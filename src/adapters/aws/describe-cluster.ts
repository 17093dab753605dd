import { DescribeClusterCommand, EKSClient, type VpcConfigResponse } from "@aws-sdk/client-eks";
import { type ErrorCode, GuardError } from "../../model/errors.ts";
import type { Read, ReadFailure, ReadFailureCode } from "../../model/read.ts";
import { call, invalidAnswer } from "./call.ts";
import { clientSettings } from "./client-settings.ts";
import type { AwsCredentials } from "./credentials.ts";
import type { EksClusterRef } from "./eks-token.ts";
import type { AwsCall } from "./explain-failure.ts";
import { AWS_LIMITS, type AwsLimits } from "./limits.ts";
import { partitionOf } from "./partitions.ts";

/** An EKS cluster as AWS describes it. */
export interface EksCluster extends EksClusterRef {
  readonly accountId: string;
  /** `ACTIVE`, `UPDATING`, `CREATING` … */
  readonly status: string;
  readonly platformVersion: string | null;
  readonly tags: Readonly<Record<string, string>>;
  /** `https://…`; null while there is none. */
  readonly endpoint: string | null;
  /** As AWS gives it: PEM in base64; null while there is none. */
  readonly ca: string | null;
  readonly network: EksNetwork;
}

/** From where the endpoint can be reached. */
export interface EksNetwork {
  /** From everywhere, from some addresses and perhaps the VPC, or from the VPC only. */
  readonly endpoint: "public" | "restricted" | "private";
  readonly vpc: string | null;
  /** What EKS itself puts before the endpoint in the VPC. */
  readonly securityGroup: string | null;
}

export interface EksOptions {
  readonly credentials: AwsCredentials;
  readonly limits?: Partial<AwsLimits>;
}

/**
 * Asks AWS about one cluster.
 *
 * @throws {GuardError} `BadConfig` when there is no such cluster, `SignInFailed` when AWS refuses, else `ClusterUnreachable`
 */
export async function describeCluster(cluster: EksClusterRef, options: EksOptions): Promise<EksCluster> {
  const limits = { ...AWS_LIMITS, ...options.limits };
  const client = eksClient(cluster.region, await options.credentials(), limits);
  try {
    const answer = await readCluster(client, cluster, limits);
    if (answer.ok) return answer.value;
    throw clusterError(cluster, answer.failure);
  } finally {
    client.destroy();
  }
}

export const eksClient = (...settings: Parameters<typeof clientSettings>): EKSClient =>
  new EKSClient(clientSettings(...settings));

/** The answer to DescribeCluster as it matters here. */
export function readCluster(client: EKSClient, ref: EksClusterRef, limits: AwsLimits): Promise<Read<EksCluster>> {
  const about = toDescribe(ref);
  return call(about, limits, async (abortSignal) => {
    const { cluster } = await client.send(new DescribeClusterCommand({ name: ref.name }), { abortSignal });
    const accountId = /^arn:[^:]*:eks:[^:]*:(\d{12}):/.exec(cluster?.arn ?? "")?.[1];
    if (cluster?.name !== ref.name || accountId === undefined) throw invalidAnswer(about, "no cluster of this name");
    return {
      name: ref.name,
      region: ref.region,
      accountId,
      status: cluster.status ?? "",
      platformVersion: cluster.platformVersion ?? null,
      tags: cluster.tags ?? {},
      endpoint: cluster.endpoint ?? null,
      ca: cluster.certificateAuthority?.data ?? null,
      network: network(cluster.resourcesVpcConfig ?? {}),
    };
  });
}

function network(config: VpcConfigResponse): EksNetwork {
  const everywhere = config.publicAccessCidrs?.includes("0.0.0.0/0") ?? true;
  return {
    endpoint: config.endpointPublicAccess === false ? "private" : everywhere ? "public" : "restricted",
    vpc: config.vpcId ?? null,
    securityGroup: config.clusterSecurityGroupId ?? null,
  };
}

function toDescribe({ name, region }: EksClusterRef): AwsCall {
  return {
    what: `describe EKS cluster ${name} in ${region}`,
    service: "eks",
    region,
    action: "eks:DescribeCluster",
    resource: `arn:${partitionOf(region).name}:eks:${region}:*:cluster/${name}`,
    explain: {
      NotFound: `There is no EKS cluster ${name} in ${region} in the account that was asked; correct name, region or roleArn in guard.yml`,
    },
  };
}

const ERROR_CODES: Partial<Record<ReadFailureCode, ErrorCode>> = {
  NotFound: "BadConfig",
  Forbidden: "SignInFailed",
  Unauthorized: "SignInFailed",
};

/** What stops the work on a cluster that AWS would not tell about. */
export function clusterError({ name, region }: EksClusterRef, { code, message }: ReadFailure): GuardError {
  return new GuardError(ERROR_CODES[code] ?? "ClusterUnreachable", message, {
    fields: { cluster: name, region, failure: code },
  });
}
