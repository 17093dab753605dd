import * as z from "zod/mini";
import type { RefusedRequests } from "../model/audit.ts";
import { type Instant, parseInstant, SECOND } from "../model/time.ts";

/**
 * Seconds after its issue at which the API server begins to call an extended token stale (kubernetes pkg/serviceaccount/claims.go,
 * WarnOnlyBoundTokenExpirationSeconds).
 */
const WARN_AFTER_SECONDS = 3_607;

/** What one audit event says of a discovery informer. */
export type AuditRecord =
  | {
      /** A token that is older than an hour was accepted. */
      readonly kind: "stale-token";
      readonly podUid: string;
      readonly issuedAt: Instant;
      readonly receivedAt: Instant;
    }
  | ({ readonly kind: "refused"; readonly auditId: string; readonly receivedAt: Instant } & Pick<
      RefusedRequests,
      "resource" | "subsystem"
    >);

/** Every APISIX sends lua-resty-http 0.16.1; the number is the nginx module's: five digits for http, two for stream. */
const USER_AGENT = /^lua-resty-http\/.{0,100} ngx_lua\/(\d{1,6})$/;

/** The path alone: the order of the query's keys differs from process to process. */
const REQUEST_URI =
  /^\/(?:api\/v1\/(?:namespaces\/[^/?]{1,63}\/)?(endpoints)|apis\/discovery\.k8s\.io\/v1\/(?:namespaces\/[^/?]{1,63}\/)?(endpointslices))(?:\?|$)/;

const STALE = /^subject: (\S{1,400}), seconds after warning threshold: (\d{1,10})$/;

const POD_UID = "authentication.kubernetes.io/pod-uid";
const STALE_TOKEN = "authentication.k8s.io/stale-token";

const event = z.object({
  kind: z.literal("Event"),
  apiVersion: z.string().check(z.startsWith("audit.k8s.io/")),
  auditID: z.string().check(z.minLength(1), z.maxLength(64)),
  requestURI: z.string(),
  userAgent: z.string(),
  requestReceivedTimestamp: z.string(),
});

const staleEvent = z.object({
  user: z.object({
    username: z.string(),
    extra: z.object({ [POD_UID]: z.tuple([z.string().check(z.regex(/^[\w-]{1,64}$/))]) }),
  }),
  annotations: z.object({ [STALE_TOKEN]: z.string() }),
});

/** A refused request has no user: anybody can have sent it. */
const refusedEvent = z.object({ responseStatus: z.object({ code: z.literal(401) }) });

/**
 * What one line of an audit log says of a discovery informer; else null.
 *
 * Stages of one event repeat the annotation of its beginning, so the time is that of the request's arrival. Other programs in the
 * pod may use the same ServiceAccount: only what asks as an informer does is taken for one. That leaves programs which are an
 * OpenResty themselves and list endpoints; audited-issue.ts says what is done about these.
 */
export function auditRecord(line: string): AuditRecord | null {
  const object = parseJson(line);
  const head = event.safeParse(object);
  if (!head.success) return null;
  const { auditID: auditId, requestURI, userAgent, requestReceivedTimestamp } = head.data;
  const module = USER_AGENT.exec(userAgent)?.[1];
  const [, endpoints, slices] = REQUEST_URI.exec(requestURI) ?? [];
  const receivedAt = parseInstant(requestReceivedTimestamp);
  if (module === undefined || (endpoints ?? slices) === undefined || receivedAt === null) return null;
  const stale = staleEvent.safeParse(object);
  if (stale.success) return staleToken(stale.data, receivedAt);
  if (!refusedEvent.safeParse(object).success) return null;
  return {
    kind: "refused",
    auditId,
    receivedAt,
    resource: endpoints === undefined ? "endpointslices" : "endpoints",
    subsystem: module.length < 4 ? "stream" : "http",
  };
}

function staleToken({ user, annotations }: z.infer<typeof staleEvent>, receivedAt: Instant): AuditRecord | null {
  const [, subject, seconds] = STALE.exec(annotations[STALE_TOKEN]) ?? [];
  // What stands there is written by the API server about the user that stands beside it, or it is no such event.
  if (subject !== user.username || !subject.startsWith("system:serviceaccount:")) return null;
  const issuedAt = receivedAt - (Number(seconds) + WARN_AFTER_SECONDS) * SECOND;
  return issuedAt <= 0 ? null : { kind: "stale-token", podUid: user.extra[POD_UID][0], issuedAt, receivedAt };
}

/** A line that was cut, as services do at a megabyte, is no JSON. */
function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
