import { SignatureV4 } from "@smithy/signature-v4";
import { type Instant, MINUTE, type Millis, SECOND } from "../../model/time.ts";
import type { Authenticate } from "../kubernetes/credentials.ts";
import { renewingSignIn } from "../renewing-sign-in.ts";
import type { AwsCredentials, AwsIdentity } from "./credentials.ts";
import { stsHost } from "./partitions.ts";
import { Sha256 } from "./sha256.ts";

/** The cluster by the names a token is made for. */
export interface EksClusterRef {
  readonly name: string;
  readonly region: string;
}

/**
 * Said in the URL. The API server's side (aws-iam-authenticator) takes a token for 15 minutes from its date whatever stands
 * here, but its old releases refuse more than 60.
 */
const EXPIRES: Millis = MINUTE;

/** A token is accepted for 15 minutes; a third of that is left for clocks that differ and for requests under way. */
const TOKEN_LIFE: Millis = 10 * MINUTE;

/** Signs in to an EKS cluster as an AWS identity. Tokens are made here, without a request, and renewed before they are 10 minutes old. */
export function eksSignIn(cluster: EksClusterRef, credentials: AwsCredentials, now: () => Instant): Authenticate {
  return renewingSignIn(async () => {
    const identity = await credentials();
    const at = now();
    const authorization = `Bearer ${await eksToken(cluster, identity, at)}`;
    // It dies with the session whose key signed it.
    return {
      headers: { authorization },
      expiresAt: Math.min(at + TOKEN_LIFE, identity.expiration?.getTime() ?? at + TOKEN_LIFE),
    };
  }, now);
}

/**
 * What `aws eks get-token` prints: a GetCallerIdentity request for STS, signed and not sent. Whoever has it can sign in as this
 * identity, but only to this cluster, whose name is part of what is signed.
 */
export async function eksToken({ name, region }: EksClusterRef, identity: AwsIdentity, at: Instant): Promise<string> {
  const hostname = stsHost(region);
  const signer = new SignatureV4({ service: "sts", region, credentials: identity, sha256: Sha256 });
  const { query } = await signer.presign(
    {
      method: "GET",
      protocol: "https:",
      hostname,
      path: "/",
      query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
      headers: { host: hostname, "x-k8s-aws-id": name },
    },
    { expiresIn: EXPIRES / SECOND, signingDate: new Date(at) },
  );
  const url = `https://${hostname}/?${new URLSearchParams(query as Record<string, string>)}`;
  return `k8s-aws-v1.${Buffer.from(url).toString("base64url")}`;
}
