import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auditRecord } from "../../src/evidence/audit-events.ts";
import { DAY, MINUTE, SECOND } from "../../src/model/time.ts";
import { HTTP, line, POD_UID, refusedEvent, STREAM, SUBJECT, stale, staleEvent } from "./audit-text.ts";

const ISSUED = Date.parse("2026-09-23T08:18:56Z");
const USED = ISSUED + 61 * DAY + 269;

const record = (over: object = {}) => auditRecord(line(staleEvent({ issuedAt: ISSUED, usedAt: USED }, over)));
const extra = (uid: unknown) => ({
  user: { username: SUBJECT, extra: { "authentication.kubernetes.io/pod-uid": uid } },
});

describe("a request with a stale token", () => {
  it("tells the pod and when its token was issued", () => {
    expect(record()).toEqual({ kind: "stale-token", podUid: POD_UID, issuedAt: ISSUED + 269, receivedAt: USED });
  });

  it("is what a real API server wrote", () => {
    const real = String.raw`{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"87d3994a-0000-4000-8000-5d9eaefb9fef","stage":"ResponseComplete","requestURI":"/api/v1/endpoints?limit=120\u0026allowWatchBookmarks=true","verb":"watch","user":{"username":"system:serviceaccount:apisix:apisix","uid":"u","groups":["system:authenticated"],"extra":{"authentication.kubernetes.io/pod-name":["apisix-5cd47455c8-pnjdj"],"authentication.kubernetes.io/pod-uid":["${POD_UID}"]}},"sourceIPs":["127.0.0.1"],"userAgent":"lua-resty-http/0.16.1 (Lua) ngx_lua/10027","responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2026-11-23T08:18:56.269152Z","stageTimestamp":"2026-11-23T08:48:56.271000Z","annotations":{"authentication.k8s.io/stale-token":"subject: system:serviceaccount:apisix:apisix, seconds after warning threshold: 5266793","k8s.io/deprecated":"true"}}`;
    const issuedAt = Date.parse("2026-11-23T08:18:56.269Z") - 61 * DAY;
    expect(auditRecord(real)).toMatchObject({ kind: "stale-token", podUid: POD_UID, issuedAt });
  });

  it.each([
    ["the stream informer", { userAgent: STREAM }],
    ["an older OpenResty", { userAgent: "lua-resty-http/0.16.1 (Lua) ngx_lua/10020" }],
    ["a watch with its keys in another order", { requestURI: "/api/v1/endpoints?watch=true&resourceVersion=1" }],
    ["no query", { requestURI: "/api/v1/endpoints" }],
    ["one namespace", { requestURI: "/api/v1/namespaces/shop/endpoints?limit=120" }],
    ["endpoint slices", { requestURI: "/apis/discovery.k8s.io/v1/endpointslices?limit=120" }],
    ["slices of a namespace", { requestURI: "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices" }],
    ["another stage of the same event", { stage: "RequestReceived", responseStatus: undefined }],
    ["an answer of 403: the token was accepted", { responseStatus: { code: 403 } }],
    ["a token this second stale", { annotations: stale(SUBJECT, 0) }],
  ])("counts: %s", (_case, over) => {
    expect(record(over)).toMatchObject({ kind: "stale-token", podUid: POD_UID });
  });

  it.each([
    ["another program of the pod", { userAgent: "curl/8.5.0" }],
    ["a plugin of APISIX at something else", { requestURI: "/api/v1/secrets?limit=120" }],
    ["one endpoint by its name", { requestURI: "/api/v1/namespaces/shop/endpoints/web" }],
    ["a path in the query", { requestURI: "/api/v1/pods?x=/api/v1/endpoints" }],
    ["a path behind another", { requestURI: "/x/api/v1/endpoints" }],
    ["a user agent that only begins so", { userAgent: `${HTTP} and more` }],
    ["a user agent that only ends so", { userAgent: `curl ${HTTP}` }],
    ["no annotation", { annotations: {} }],
    ["no annotations", { annotations: null }],
    ["an annotation that is no text", { annotations: { "authentication.k8s.io/stale-token": 5 } }],
    ["another subject than the user", { annotations: stale("system:serviceaccount:gw:other", 5) }],
    [
      "a user that is no ServiceAccount",
      { user: { ...extra([POD_UID]).user, username: "u" }, annotations: stale("u", 5) },
    ],
    ["seconds that are no number", { annotations: stale(SUBJECT, "NaN") }],
    ["seconds below zero", { annotations: stale(SUBJECT, -5) }],
    ["seconds with a fraction", { annotations: stale(SUBJECT, "5.5") }],
    ["seconds in the notation of large numbers", { annotations: stale(SUBJECT, "1e9") }],
    ["seconds beyond all numbers", { annotations: stale(SUBJECT, "9".repeat(400)) }],
    ["an issue before 1970", { annotations: stale(SUBJECT, 9_999_999_999) }],
    ["words behind the seconds", { annotations: stale(SUBJECT, "5 or so") }],
    ["no pod", { user: { username: SUBJECT } }],
    ["no UID", extra([])],
    ["two UIDs", extra([POD_UID, POD_UID])],
    ["a UID that is no list", extra(POD_UID)],
    ["a UID that is no text", extra([5])],
    ["a UID that is too long", extra(["a".repeat(65)])],
    ["a UID of odd characters", extra(["../../etc"])],
    ["another kind", { kind: "EventList" }],
    ["another API", { apiVersion: "v1" }],
    ["no id", { auditID: undefined }],
    ["an id that is no text", { auditID: 5 }],
    ["no time", { requestReceivedTimestamp: undefined }],
    ["a time that is none", { requestReceivedTimestamp: "yesterday" }],
    ["a time that is a number", { requestReceivedTimestamp: USED }],
    ["a month that is none", { requestReceivedTimestamp: "2026-13-01T00:00:00Z" }],
    ["no user agent", { userAgent: undefined }],
    ["no URI", { requestURI: null }],
  ])("does not count: %s", (_case, over) => {
    expect(record(over)).toBeNull();
  });
});

describe("a refused request", () => {
  const at = Date.parse("2026-11-23T09:33:58.011Z");

  it.each([
    [{}, { resource: "endpoints", subsystem: "http" }],
    [{ userAgent: STREAM }, { resource: "endpoints", subsystem: "stream" }],
    [
      { requestURI: "/apis/discovery.k8s.io/v1/endpointslices?watch=true" },
      { resource: "endpointslices", subsystem: "http" },
    ],
  ])("counts as what it was: %o", (over, expected) => {
    const auditId = "ded9cd8b-4afc-4653-abe8-5d9eaefb9fef";
    expect(auditRecord(line(refusedEvent(at, over)))).toEqual({
      kind: "refused",
      auditId,
      receivedAt: at,
      ...expected,
    });
  });

  it.each([
    ["another code", { responseStatus: { code: 403 } }],
    ["a code that is text", { responseStatus: { code: "401" } }],
    ["no status", { responseStatus: undefined }],
    ["another program", { userAgent: "kubectl/v1.33.0" }],
    ["another path", { requestURI: "/api/v1/pods" }],
  ])("does not count: %s", (_case, over) => {
    expect(auditRecord(line(refusedEvent(at, over)))).toBeNull();
  });
});

describe("a line that is no event", () => {
  const whole = line(staleEvent({ issuedAt: ISSUED, usedAt: USED }));

  it.each([
    ["", "null", "[]", "5", '"text"', "{}", "{", "Event", `[${whole}]`, `${whole}${whole}`, "[".repeat(200_000)],
  ])("says nothing", (...lines) => {
    expect(lines.map(auditRecord)).toEqual(lines.map(() => null));
  });

  it("cut anywhere says nothing", () => {
    fc.assert(
      fc.property(fc.nat({ max: whole.length - 1 }), (length) => {
        expect(auditRecord(whole.slice(0, length))).toBeNull();
      }),
    );
  });

  it("of any JSON says nothing, and nothing is thrown", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(auditRecord(text)).toBeNull();
      }),
    );
  });

  it("whose fields are of any type says nothing that is not sound", () => {
    const fields = fc.constantFrom(
      "auditID",
      "userAgent",
      "requestURI",
      "requestReceivedTimestamp",
      "user",
      "annotations",
    );
    fc.assert(
      fc.property(fields, fc.jsonValue(), (field, value) => {
        const found = record({ [field]: value });
        if (found === null) return;
        expect(found.kind).toBe("stale-token");
        expect(Number.isFinite(found.receivedAt)).toBe(true);
        if (found.kind === "stale-token") expect(found.issuedAt).toBeLessThan(found.receivedAt);
      }),
    );
  });
});

describe("the issue time", () => {
  it("is at most eleven seconds late and never early, whenever the request came and however old a cached answer was", () => {
    const second = fc.integer({ min: 1_700_000_000, max: 1_900_000_000 });
    fc.assert(
      fc.property(
        second,
        fc.integer({ min: 61 * MINUTE, max: 400 * DAY }),
        fc.nat({ max: 10_000 }),
        (issued, age, cachedFor) => {
          const issuedAt = issued * SECOND;
          const found = auditRecord(line(staleEvent({ issuedAt, usedAt: issuedAt + age, cachedFor })));
          if (found?.kind !== "stale-token") throw new Error("not found");
          expect(found.issuedAt - issuedAt).toBeGreaterThanOrEqual(0);
          expect(found.issuedAt - issuedAt).toBeLessThan(11 * SECOND);
        },
      ),
    );
  });
});
