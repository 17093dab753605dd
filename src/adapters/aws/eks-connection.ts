import { X509Certificate } from "node:crypto";
import { GuardError } from "../../model/errors.ts";
import type { Instant } from "../../model/time.ts";
import type { ConnectOptions } from "../kubernetes/connect.ts";
import type { AwsCredentials } from "./credentials.ts";
import type { EksCluster } from "./describe-cluster.ts";
import { eksSignIn } from "./eks-token.ts";

/** The states of a cluster in which there is nothing to connect to. */
const NOT_USABLE: Readonly<Record<string, string>> = {
  CREATING: "is being created (CREATING); the next run looks at it again.",
  PENDING: "is registered but not connected yet (PENDING); the next run looks at it again.",
  DELETING: "is being deleted (DELETING); if guard.yml names it, take it out there.",
  FAILED: "could not be created (FAILED); see why in the EKS console, and delete it.",
};

/**
 * How to connect to a cluster that AWS has described: its endpoint, its own CA, and tokens for a sign-in.
 *
 * @throws {GuardError} `ClusterUnreachable` when it is in no state to be connected to
 */
export function eksConnection(cluster: EksCluster, credentials: AwsCredentials, now: () => Instant): ConnectOptions {
  const { status, endpoint } = cluster;
  const notUsable = NOT_USABLE[status];
  if (notUsable !== undefined) throw unusable(cluster, notUsable);
  if (endpoint === null) throw unusable(cluster, "has no endpoint yet; the next run looks at it again.");
  // Anybody on the way could read the token.
  if (!endpoint.startsWith("https://")) throw unusable(cluster, "has an endpoint that does not begin with https://.");
  return {
    server: endpoint,
    ca: decodeCa(cluster),
    authenticate: eksSignIn(cluster, credentials, now),
    unreachableHint: unreachableHint(cluster),
  };
}

function decodeCa(cluster: EksCluster): string {
  const pem = Buffer.from(cluster.ca ?? "", "base64").toString("latin1");
  try {
    new X509Certificate(pem);
    return pem;
  } catch {
    throw unusable(cluster, "has no CA certificate that can be used: what AWS gives for it is not PEM.");
  }
}

/** A closed security group and a route that is missing look alike from here: connections that are never answered. */
function unreachableHint({ network: { endpoint, vpc, securityGroup } }: EksCluster): string {
  const inside = `the function must run in its VPC (${vpc ?? "unknown"}) or a connected one with DNS, and the cluster security group (${securityGroup ?? "unknown"}) must admit port 443 from it`;
  switch (endpoint) {
    case "private":
      return `the cluster's endpoint is private: ${inside}.`;
    case "restricted":
      return `the cluster's public endpoint admits only some addresses (publicAccessCidrs): admit the function's, or ${inside}.`;
    case "public":
      return `the cluster's endpoint is public: a function in a VPC needs a NAT gateway to it; in the cluster's own VPC (${vpc ?? "unknown"}) the cluster security group must admit port 443.`;
  }
}

const unusable = ({ name, region, status }: EksCluster, reason: string): GuardError =>
  new GuardError("ClusterUnreachable", `EKS cluster ${name} in ${region} ${reason}`, {
    fields: { cluster: name, region, status },
  });
