import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import { type Instant, type Millis, SECOND } from "../../../src/model/time.ts";
import type { Credentials } from "./principals.ts";

export interface Wanted {
  readonly credentials: Credentials;
  readonly cluster: string;
  readonly region: string;
  /** When it is signed; now by default. */
  readonly at?: Instant;
  /** How long the URL says that it is valid. */
  readonly expiresIn?: Millis;
}

/** A token for EKS as `aws eks get-token` makes it: a URL by which whoever has it may ask STS who made it. */
export async function presignToken({ credentials, cluster, region, at = Date.now(), expiresIn = 60 * SECOND }: Wanted) {
  const hostname = `sts.${region}.amazonaws.com`;
  const signer = new SignatureV4({ service: "sts", region, credentials, sha256: Sha256 });
  const { query } = await signer.presign(
    {
      method: "GET",
      protocol: "https:",
      hostname,
      path: "/",
      query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
      headers: { host: hostname, "x-k8s-aws-id": cluster },
    },
    { expiresIn: expiresIn / SECOND, signingDate: new Date(at) },
  );
  const url = `https://${hostname}/?${new URLSearchParams(query as Record<string, string>)}`;
  return `k8s-aws-v1.${Buffer.from(url).toString("base64url")}`;
}

/** The hash in the form in which the SDK wants it. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = key === undefined ? createHash("sha256") : createHmac("sha256", key as Uint8Array);
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}
