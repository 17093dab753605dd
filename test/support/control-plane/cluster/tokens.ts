import { createPrivateKey, createPublicKey, type KeyObject, randomUUID, sign } from "node:crypto";
import { ISSUER } from "../boot/programs.ts";
import type { RunDirectory } from "../boot/run-directory.ts";
import { keyId } from "../boot/signer.ts";
import type { ApiClient } from "./api.ts";
import type { KubeObject, Pod } from "./objects.ts";
import { podPath } from "./objects.ts";

/** A ServiceAccount, and the pod a token is bound to if it is. */
export interface TokenOwner {
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly pod?: string;
}

export interface TokenTimes {
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  /** `issuedAt` by default. */
  readonly notBefore?: Date;
  /** After this time use of the token is audited as stale; EKS and kubeadm set it to 3607 s after issue. */
  readonly warnAfter?: Date;
}

export type Claims = Record<string, unknown>;

/** ServiceAccount tokens, asked for in the normal way or forged with the key of the API server. */
export class Tokens {
  readonly #api: ApiClient;
  readonly #key: KeyObject;
  readonly #keyId: string;

  constructor(directory: RunDirectory, api: ApiClient) {
    this.#api = api;
    this.#key = createPrivateKey(directory.readPki("service-accounts.key"));
    this.#keyId = keyId(createPublicKey(this.#key).export({ type: "spki", format: "der" }));
  }

  /** Through the TokenRequest API; `kubectl create token`. */
  async request(owner: TokenOwner, expirationSeconds = 3607): Promise<string> {
    const pod = owner.pod === undefined ? undefined : await this.#pod(owner.namespace, owner.pod);
    const boundObjectRef = pod && { apiVersion: "v1", kind: "Pod", name: owner.pod, uid: pod.metadata.uid };
    const path = `/api/v1/namespaces/${owner.namespace}/serviceaccounts/${owner.serviceAccount}/token`;
    const answer = await this.#api.create<{ status: { token: string } }>(path, {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds, boundObjectRef },
    });
    return answer.status.token;
  }

  /** A token with any times. The owner must exist: the API server compares uids. `claims` override. */
  async forge(owner: TokenOwner, times: TokenTimes, claims: Claims = {}): Promise<string> {
    return this.sign({ ...(await this.#claims(owner, times)), ...claims });
  }

  /** Any claims at all, RS256. `header` overrides, to name a key that does not exist for instance. */
  sign(claims: Claims, header: Claims = {}): string {
    const signed = `${encode({ alg: "RS256", kid: this.#keyId, ...header })}.${encode(claims)}`;
    return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), this.#key).toString("base64url")}`;
  }

  async #claims({ namespace, serviceAccount, pod: podName }: TokenOwner, times: TokenTimes): Promise<Claims> {
    const account = await this.#api.get<KubeObject>(
      `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}`,
    );
    const pod = podName === undefined ? undefined : await this.#pod(namespace, podName);
    return {
      iss: ISSUER,
      aud: [ISSUER],
      sub: `system:serviceaccount:${namespace}:${serviceAccount}`,
      jti: randomUUID(),
      iat: seconds(times.issuedAt),
      nbf: seconds(times.notBefore ?? times.issuedAt),
      exp: seconds(times.expiresAt),
      "kubernetes.io": {
        namespace,
        serviceaccount: { name: serviceAccount, uid: account.metadata.uid },
        ...(pod && { pod: { name: podName, uid: pod.metadata.uid } }),
        ...(times.warnAfter && { warnafter: seconds(times.warnAfter) }),
      },
    };
  }

  #pod(namespace: string, name: string): Promise<Pod> {
    return this.#api.get<Pod>(podPath({ namespace, name }));
  }
}

/** The payload of a token, unverified. */
export function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Claims;
}

function encode(value: Claims): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
