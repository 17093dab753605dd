import { type Instant, SECOND } from "../../src/model/time.ts";

/** Lines of an audit log as kube-apiserver 1.36 writes them. */

export const HTTP = "lua-resty-http/0.16.1 (Lua) ngx_lua/10027";
export const STREAM = "lua-resty-http/0.16.1 (Lua) ngx_lua/15";
export const SUBJECT = "system:serviceaccount:gw:apisix";
export const POD_UID = "0b1d1b1e-7d1e-4a2e-9d3e-5a6b7c8d9e0f";

/** Seconds between the issue of a token and its warning threshold. */
export const WARN_AFTER = 3_607;

const timestamp = (at: Instant): string => new Date(at).toISOString().replace("Z", "828Z");

const eventAt = (receivedAt: Instant) => ({
  kind: "Event",
  apiVersion: "audit.k8s.io/v1",
  level: "Metadata",
  auditID: "ded9cd8b-4afc-4653-abe8-5d9eaefb9fef",
  stage: "ResponseComplete",
  requestURI: "/api/v1/endpoints?limit=120",
  verb: "list",
  user: {} as object,
  sourceIPs: ["127.0.1.3"],
  userAgent: HTTP,
  objectRef: { resource: "endpoints", apiVersion: "v1" },
  responseStatus: { metadata: {}, code: 200 } as object,
  requestReceivedTimestamp: timestamp(receivedAt),
  stageTimestamp: timestamp(receivedAt + SECOND),
});

export interface StaleUse {
  /** Whole seconds, as in a token. */
  readonly issuedAt: Instant;
  readonly usedAt: Instant;
  readonly podUid?: string;
  /** How old the answer is that the API server's token cache gives. */
  readonly cachedFor?: number;
}

/** A request with a stale token; `over` replaces fields of the event. */
export function staleEvent({ issuedAt, usedAt, podUid = POD_UID, cachedFor = 0 }: StaleUse, over: object = {}): object {
  const seconds = Math.floor((usedAt - cachedFor) / SECOND) - issuedAt / SECOND - WARN_AFTER;
  return {
    ...eventAt(usedAt),
    user: {
      username: SUBJECT,
      uid: "7f3a0f4e-0000-4000-8000-000000000000",
      groups: ["system:serviceaccounts", "system:serviceaccounts:gw", "system:authenticated"],
      extra: {
        "authentication.kubernetes.io/credential-id": ["JTI=bee98f34-4afc-4653-abe8-5d9eaefb9fef"],
        "authentication.kubernetes.io/pod-name": ["apisix-5cd47455c8-pnjdj"],
        "authentication.kubernetes.io/pod-uid": [podUid],
      },
    },
    annotations: stale(SUBJECT, seconds),
    ...over,
  };
}

export const stale = (subject: string, seconds: number | string): object => ({
  "authentication.k8s.io/stale-token": `subject: ${subject}, seconds after warning threshold: ${seconds}`,
  "authorization.k8s.io/decision": "allow",
});

/** A request that was refused with 401. */
export const refusedEvent = (receivedAt: Instant, over: object = {}): object => ({
  ...eventAt(receivedAt),
  stage: "ResponseStarted",
  responseStatus: { metadata: {}, status: "Failure", message: "Unauthorized", reason: "Unauthorized", code: 401 },
  ...over,
});

/** A request of another program. */
export const otherEvent = (receivedAt: Instant): object => ({
  ...eventAt(receivedAt),
  user: { username: "system:serviceaccount:kube-system:coredns" },
  userAgent: "coredns/v1.12.0 (linux/amd64) kubernetes/abc1234",
  objectRef: { resource: "endpointslices", name: "with_an_underscore" },
});

/** As Go writes JSON: `&` is escaped. */
export const line = (event: object): string => JSON.stringify(event).replaceAll("&", String.raw`\u0026`);

export const log = (...events: readonly object[]): string => events.map((event) => `${line(event)}\n`).join("");
