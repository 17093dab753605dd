import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { HOUR, type Instant, MINUTE } from "../../../src/model/time.ts";
import { createFaults, type Fault, type Faults } from "./faults.ts";
import { accountOf, roleName, type Session, type Sessions, sessionArn } from "./principals.ts";
import { answer, bodyOf, refuse } from "./query-protocol.ts";
import { expectedSignature, instantOf, type SignedRequest, signatureOf } from "./signature.ts";

const NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";

/** How far a signature's time may lie from the server's, in both directions. `X-Amz-Expires` is not looked at beyond that. */
const MAX_SIGNATURE_AGE = 15 * MINUTE;

/** STS, as far as signing in to EKS needs it: GetCallerIdentity by presigned URL, and AssumeRole. */
export interface Sts {
  readonly listener: RequestListener;
  readonly faults: Faults;
  /** What was answered so far: `OK`, or the code of an error. */
  readonly answers: readonly string[];
}

export function createSts(sessions: Sessions, now: () => Instant = Date.now): Sts {
  const faults = createFaults();
  const answers: string[] = [];
  const account = { sessions, faults, answers, now };
  return { faults, answers, listener: (request, response) => void serve(request, response, account) };
}

interface Account {
  readonly answers: string[];
  readonly sessions: Sessions;
  readonly faults: Faults;
  readonly now: () => Instant;
}

async function serve(incoming: IncomingMessage, response: ServerResponse, account: Account): Promise<void> {
  const url = new URL(incoming.url ?? "/", "https://sts");
  const body = await bodyOf(incoming);
  const { method = "GET", headers } = incoming;
  const form = method === "POST" ? new URLSearchParams(body) : url.searchParams;
  const fault = account.faults.take();
  if (fault === "hang") return;
  const caller = fault ?? signedBy({ method, path: url.pathname, query: url.searchParams, headers, body }, account);
  account.answers.push("code" in caller ? caller.code : "OK");
  const asJson = headers.accept === "application/json";
  if ("code" in caller) refuseIn(asJson, response, caller);
  else if (form.get("Action") === "AssumeRole") assumeRole(response, caller, form, account);
  else answerIdentity(asJson, response, caller);
}

/** The session whose secret made this signature, or why that is nobody. */
function signedBy(request: SignedRequest, { sessions, now }: Account): Session | Fault {
  const signature = signatureOf(request);
  if (signature === null) return fault("MissingAuthenticationToken", "Request is missing Authentication Token");
  const session = sessions.find(signature.accessKeyId);
  if (session === undefined || signature.sessionToken !== session.credentials.sessionToken)
    return fault("InvalidClientTokenId", "The security token included in the request is invalid");
  if (expectedSignature(request, signature, session.credentials.secretAccessKey) !== signature.value)
    return fault("SignatureDoesNotMatch", "The request signature we calculated does not match the one you provided");
  if (now() > session.expiresAt) return fault("ExpiredToken", "The security token included in the request is expired");
  // Not a comparison the other way round: a time that is none must not pass.
  if (!(Math.abs(now() - instantOf(signature.time)) <= MAX_SIGNATURE_AGE))
    return fault("SignatureDoesNotMatch", `Signature expired: ${signature.time} is not within 15 min.`);
  return session;
}

const fault = (code: string, message: string): Fault => ({ status: 403, code, message });

function assumeRole(response: ServerResponse, caller: Session, form: URLSearchParams, account: Account): void {
  const arn = form.get("RoleArn") ?? "";
  const role = account.sessions.roles.find((known) => known.arn === arn);
  if (role === undefined || !role.trusts?.includes(caller.role.arn)) {
    // Whether the role exists is not told.
    const message = `User: ${sessionArn(caller)} is not authorized to perform: sts:AssumeRole on resource: ${arn}`;
    refuse(response, fault("AccessDenied", message));
    return;
  }
  const duration = Number(form.get("DurationSeconds") ?? HOUR / 1000) * 1000;
  const session = account.sessions.open(arn, form.get("RoleSessionName") ?? "", account.now() + duration);
  const { accessKeyId, secretAccessKey, sessionToken } = session.credentials;
  answer(response, "AssumeRole", NAMESPACE, {
    AssumedRoleUser: { Arn: sessionArn(session), AssumedRoleId: userId(session) },
    Credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: new Date(session.expiresAt).toISOString(),
    },
  });
}

function answerIdentity(asJson: boolean, response: ServerResponse, session: Session): void {
  const result = { Account: accountOf(session.role), Arn: sessionArn(session), UserId: userId(session) };
  const metadata = { RequestId: randomUUID() };
  if (!asJson) answer(response, "GetCallerIdentity", NAMESPACE, result);
  else
    json(response, 200, {
      GetCallerIdentityResponse: { GetCallerIdentityResult: result, ResponseMetadata: metadata },
    });
}

/** The authenticator of EKS asks for JSON, which STS has for this one action. */
function refuseIn(asJson: boolean, response: ServerResponse, { status, code, message }: Fault): void {
  if (!asJson) refuse(response, { status, code, message });
  else json(response, status, { Error: { Code: code, Message: message, Type: "Sender" }, RequestId: randomUUID() });
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

/** A role's unique id and the session's name. */
const userId = (session: Session): string =>
  `AROA${Buffer.from(roleName(session.role)).toString("hex").toUpperCase().padEnd(17, "0").slice(0, 17)}:${session.name}`;
