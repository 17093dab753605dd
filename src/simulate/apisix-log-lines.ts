import { type Instant, type Millis, SECOND } from "../model/time.ts";
import { type LogSource, repeated } from "./container-log.ts";

/** The informer tries again after a failure, and logs one record each time (informer_factory.lua, `ngx.timer.at(40)`). */
const INFORMER_RETRY: Millis = 40 * SECOND;

/** What the API server says, body and all: it ends in a newline, which splits the record in two lines. */
const STATUS = {
  Unauthorized: `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}\n`,
  Forbidden: `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"endpoints is forbidden: User \\"system:serviceaccount:apisix:apisix\\" cannot list resource \\"endpoints\\" in API group \\"\\" at the cluster scope","reason":"Forbidden","details":{"kind":"endpoints"},"code":403}\n`,
  Gone: `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"The resourceVersion for the provided list is too old.","reason":"Expired","code":410}\n`,
  ReadBodyError: "closed",
} as const;

export interface InformerRecord {
  readonly reason?: keyof typeof STATUS;
  readonly subsystem?: "http" | "stream";
  /** Of the privileged agent; a new one after a reload. */
  readonly pid?: number;
}

/** One record of the discovery informer of APISIX 2.15 … 3.16, as seen on OpenResty 1.27 (its line numbers are the same in all). */
export function informerRecord(
  at: Instant,
  { reason = "Unauthorized", subsystem = "http", pid = 57 }: InformerRecord = {},
): string {
  const call = reason === "ReadBodyError" ? "310: watch" : "295: list";
  const lua = subsystem === "stream" ? "stream [lua]" : "[lua]";
  // The number of the timer's fake connection grows; which number it is means nothing.
  const connection = Math.floor(at / SECOND) % 1_000_000;
  return `${nginxTime(at)} [error] ${pid}#${pid}: *${connection} ${lua} informer_factory.lua:${call} failed, kind: Endpoints, reason: ${reason}, message : ${STATUS[reason]}, context: ngx.timer`;
}

/** The informer failing from `since` on: a record every 40 s. */
export const informerFailures = (since: Instant, record: InformerRecord = {}): LogSource =>
  repeated(since, INFORMER_RETRY, (at) => informerRecord(at, record));

/** The access log of a gateway with a request every `period`, in the chart's default format. */
export const accessLog = (since: Instant, period: Millis): LogSource =>
  repeated(
    since,
    period,
    (at) =>
      `10.0.3.7 - - [${accessTime(at)}] api.example.com "GET /v1/orders HTTP/1.1" 200 42 0.003 "-" "curl/8.5.0" 10.0.9.12:8080 200 0.002 "http://api.example.com"`,
  );

/** What the container's entrypoint and nginx print at the start. */
export const startRecords = (startedAt: Instant) => [
  { at: startedAt + SECOND, text: "/usr/local/openresty/luajit/bin/luajit ./apisix/cli/apisix.lua init" },
  {
    at: startedAt + 2 * SECOND,
    text: `${nginxTime(startedAt + 2 * SECOND)} [warn] 1#1: the "user" directive is ignored`,
  },
];

/** `2026/06/01 00:00:00` */
const nginxTime = (at: Instant): string =>
  new Date(at).toISOString().slice(0, 19).replace("T", " ").replaceAll("-", "/");

/** `01/Jun/2026:00:00:00 +0000` */
function accessTime(at: Instant): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(at).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
