import { describe, expect, it } from "vitest";
import { createInformerScanner } from "../../src/evidence/informer-lines.ts";
import type { InformerFailure } from "../../src/model/log.ts";
import { accessLog, FORBIDDEN, framed, refusal, UNAUTHORIZED } from "./log-text.ts";

const TIME = "2026-11-23T08:17:57.827315000";
const AT = Date.parse("2026-11-23T08:17:57.827Z");

function scan(text: string | Uint8Array) {
  const scanner = createInformerScanner();
  scanner.push(typeof text === "string" ? Buffer.from(text, "latin1") : text);
  return scanner.finish();
}

const failures = (text: string): InformerFailure[] => scan(text).lines.map(({ failure }) => failure);

describe("informer records that count as refused", () => {
  it.each([
    [
      "3.x, apache/apisix#11779",
      `2024/11/22 13:34:23 [error] 57#57: *509002587 [lua] informer_factory.lua:295: list failed, kind: Endpoints, reason: Unauthorized, message : ${UNAUTHORIZED}`,
      { subsystem: "http", pid: 57 },
    ],
    [
      "3.12.0, the first one, of a watch",
      `2026/11/22 20:01:37 [error] 22495#22495: *2 [lua] informer_factory.lua:310: watch failed, kind: Endpoints, reason: Unauthorized, message : ${UNAUTHORIZED}`,
      { subsystem: "http", pid: 22495 },
    ],
    [
      "3.12.0, 40 s later, of a list",
      `2026/11/22 20:02:17 [error] 22495#22495: *4 [lua] informer_factory.lua:295: list failed, kind: Endpoints, reason: Unauthorized, message : ${UNAUTHORIZED}`,
      { subsystem: "http", pid: 22495 },
    ],
    [
      "2.13.0",
      `2026/11/22 20:06:03 [error] 23813#23813: *2 [lua] informer_factory.lua:307: watch failed, kind: Endpoints, reason: Unauthorized, message : ${UNAUTHORIZED}`,
      { subsystem: "http", pid: 23813 },
    ],
    [
      "3.2.2",
      `2026/11/22 20:06:03 [error] 23813#23813: *2 [lua] informer_factory.lua:310: watch failed, kind: Endpoints, reason: Unauthorized, message : ${UNAUTHORIZED}`,
      { subsystem: "http", pid: 23813 },
    ],
    [
      "3.18.0 with EndpointSlices",
      `2026/11/22 20:04:25 [error] 23317#23317: *2 [lua] informer_factory.lua:335: watch failed, kind: EndpointSlice, reason: Unauthorized, message : ${UNAUTHORIZED}`,
      { subsystem: "http", pid: 23317 },
    ],
    [
      "the stream subsystem",
      `2026/11/23 09:33:18 [error] 3264#3264: *7 stream [lua] informer_factory.lua:310: watch failed, kind: Endpoints, reason: Unauthorized, message : ${UNAUTHORIZED}`,
      { subsystem: "stream", pid: 3264 },
    ],
    [
      "3.17 and later, of a list",
      `2026/11/22 20:04:25 [error] 23317#23317: *2 [lua] informer_factory.lua:316: list failed, kind: Endpoints, reason: Unauthorized, message : ${UNAUTHORIZED}`,
      { subsystem: "http", pid: 23317 },
    ],
    [
      "a patched line number and a function name",
      `2026/11/22 20:04:25 [error] 1#1: *2 [lua] informer_factory.lua:317: informer.list_watch(): list failed, kind: Endpoints, reason: Unauthorized, message : ${UNAUTHORIZED}`,
      { subsystem: "http", pid: 1 },
    ],
    [
      "a reason phrase that something on the way dropped",
      `2026/11/22 20:04:25 [error] 1#1: *2 [lua] informer_factory.lua:295: list failed, kind: Endpoints, reason: , message : ${UNAUTHORIZED}`,
      { subsystem: "http", pid: 1 },
    ],
    [
      "a body in plain text, as a proxy in front of the API server gives it",
      "2026/11/22 20:04:25 [error] 1#1: *2 [lua] informer_factory.lua:295: list failed, kind: Endpoints, reason: Unauthorized, message : Unauthorized, context: ngx.timer",
      { subsystem: "http", pid: 1 },
    ],
    [
      "a JSON body of another kind",
      `2026/11/22 20:04:25 [error] 1#1: *2 [lua] informer_factory.lua:295: list failed, kind: Endpoints, reason: Unauthorized, message : {"type":"error","status":"401"}`,
      { subsystem: "http", pid: 1 },
    ],
    [
      "a body that holds a carriage return",
      `2026/11/22 20:04:25 [error] 1#1: *2 [lua] informer_factory.lua:295: list failed, kind: Endpoints, reason: Unauthorized, message : ${UNAUTHORIZED}\r`,
      { subsystem: "http", pid: 1 },
    ],
    [
      "a body cut at 4096 bytes",
      `2026/11/22 20:04:25 [error] 1#1: *2 [lua] informer_factory.lua:295: list failed, kind: Endpoints, reason: Unauthorized, message : {"kind":"Status",${" ".repeat(4096 - 150)}`,
      { subsystem: "http", pid: 1 },
    ],
  ])("%s", (_, record, where) => {
    expect(scan(framed(record)).lines).toEqual([{ at: AT, failure: "unauthorized", ...where }]);
  });

  it("are found in a file of Latin-1 or broken UTF-8 text around them", () => {
    expect(failures(`\xff\xfe\x80\n${framed(refusal)}\xc3\x28`)).toEqual(["unauthorized"]);
  });
});

describe("informer records about something else", () => {
  it.each<[string, string, InformerFailure]>([
    [
      "403, apache/apisix#8552",
      `2022/12/22 07:45:16 [error] 65#65: *324504 [lua] informer_factory.lua:295: list failed, kind: Endpoints, reason: Forbidden, message : ${FORBIDDEN}`,
      "forbidden",
    ],
    [
      "403 of an empty token where anonymous access is on",
      String.raw`2026/11/23 09:33:58 [error] 7#7: *9 [lua] informer_factory.lua:335: watch failed, kind: Endpoints, reason: Forbidden, message : {"kind":"Status","message":"endpoints is forbidden: User \"system:anonymous\" cannot watch resource \"endpoints\"","code":403}`,
      "forbidden",
    ],
    [
      "a watch cut by a load balancer, apache/apisix#9061",
      "2023/03/14 13:34:39 [error] 54#54: *30793151 [lua] informer_factory.lua:310: watch failed, kind: Endpoints, reason: ReadBodyError, message : closed, context: ngx.timer",
      "other",
    ],
    [
      "an API server that is down",
      "2026/11/22 20:01:37 [error] 24042#24042: *4 [lua] informer_factory.lua:281: connect apiserver failed, apiserver.host: 127.0.0.1, apiserver.port: 16443, message : connection refused, context: ngx.timer",
      "other",
    ],
    [
      "an API server that stops gracefully",
      "2026/11/22 20:01:37 [error] 24042#24042: *4 [lua] informer_factory.lua:310: watch failed, kind: Endpoints, reason: RequestError, message : closed, context: ngx.timer",
      "other",
    ],
    [
      "410, apache/apisix#7489",
      `2022/07/18 11:25:49 [error] 390#390: *32338366 [lua] informer_factory.lua:292: list failed, kind: Endpoints, reason: Gone, message : {"kind":"Status","reason":"Expired","code":410}`,
      "other",
    ],
    [
      "a time-out",
      "2026/11/22 20:01:37 [error] 2#2: *4 [lua] informer_factory.lua:295: list failed, kind: Endpoints, reason: RequestError, message : timeout, context: ngx.timer",
      "other",
    ],
    [
      "an unexpected body",
      "2026/11/22 20:01:37 [error] 2#2: *4 [lua] informer_factory.lua:295: list failed, kind: Endpoints, reason: UnexpectedBody, message : Unauthorized",
      "other",
    ],
    [
      "a refusal that is only told about",
      `2026/11/22 20:01:37 [error] 2#2: *4 [lua] informer_factory.lua:295: told: list failed, kind: Endpoints, reason: Unauthorized, message : ${UNAUTHORIZED}`,
      "other",
    ],
    [
      "a failed regular expression",
      "2026/11/22 20:01:37 [error] 2#2: *4 [lua] informer_factory.lua:310: watch failed, kind: Endpoints, reason: GmatchError, message : nil",
      "other",
    ],
    [
      "a token that ends in a newline, 2.15.3",
      "2026/11/22 20:01:37 [error] 2#2: *4 [lua] informer_factory.lua:310: watch failed, kind: Endpoints, reason: Bad Request, message : 400 Bad Request",
      "other",
    ],
    [
      "a 401 inside the words of another failure",
      `2026/11/22 20:01:37 [error] 2#2: *4 [lua] informer_factory.lua:310: watch failed, kind: Endpoints, reason: UnexpectedBody, message : {"type":"ERROR","object":{"kind":"Status","code":401}}`,
      "other",
    ],
    [
      "a status whose code only begins with 401",
      `2026/11/22 20:01:37 [error] 2#2: *4 [lua] informer_factory.lua:310: watch failed, kind: Endpoints, reason: Odd, message : {"kind":"Status","code":4010}`,
      "other",
    ],
    [
      "an unreadable token file, 3.13.0 … 3.16.0",
      "2026/11/23 09:33:58 [error] 7#7: *9 [lua] init.lua:350: __index(): failed to read token from file: failed to open file: /var/run/secrets/token, error info:/var/run/secrets/token: No such file or directory, context: ngx.timer",
      "token-file",
    ],
    [
      "an unreadable token file, 3.17.0 and later",
      "2026/11/23 09:33:58 [error] 7#7: *9 [lua] core.lua:148: __index(): failed to read token from file: failed to open file: /var/run/secrets/token, error info:x: No such file or directory, context: ngx.timer",
      "token-file",
    ],
    [
      "the informer's own failure after that, 3.13.0 … 3.16.0",
      "2026/11/23 09:33:58 [error] 7#7: *9 [lua] init.lua:403: list_watch failed, kind: Endpoints, reason: RuntimeException, message : /usr/local/apisix/apisix/discovery/kubernetes/informer_factory.lua:212: attempt to concatenate field 'token' (a nil value), context: ngx.timer",
      "runtime",
    ],
    [
      "the informer's own failure, 3.17.0 and later",
      "2026/11/23 09:33:58 [error] 7#7: *9 [lua] core.lua:673: list_watch failed, kind: EndpointSlice, reason: RuntimeException, message : x",
      "runtime",
    ],
  ])("%s", (_, record, failure) => {
    expect(failures(framed(record))).toEqual([failure]);
  });
});

describe("lines that are no informer records", () => {
  it.each([
    ["the second half of a record, whose body ends in a newline", ", context: ngx.timer"],
    [
      "a failed connection (older notes have it, real APISIX turns it off)",
      "2026/11/22 20:01:37 [error] 24042#24042: *4 connect() failed (111: Connection refused), context: ngx.timer",
    ],
    [
      "an informer that never started, apache/apisix#6830",
      "2022/04/12 07:22:00 [error] 48#48: init_worker_by_lua error: /usr/local/apisix/apisix/discovery/kubernetes/init.lua:342: not found environment variable KUBERNETES_SERVICE_HOST",
    ],
    [
      "a wrong Admin API key, apache/apisix-dashboard#2032",
      '2021/08/04 03:29:28 [warn] 46#46: *181149 [lua] init.lua:125: handler(): failed to check token: missing apikey, client: 1.2.3.232, server: _, request: "POST /apisix/admin/user/login HTTP/1.1", host: "gw.my.com"',
    ],
    ["a 401 of proxied traffic", accessLog()],
    [
      "etcd",
      "2026/11/22 20:01:37 [error] 52#52: *81 [lua] config_etcd.lua:758: waitdir [/routes] err: etcdserver: user name is empty, context: ngx.timer",
    ],
    [
      "an upstream without nodes, apache/apisix-helm-chart#539",
      '2023/04/21 13:11:20 [error] 55#55: *19514 [lua] init.lua:486: handle_upstream(): failed to set upstream: no valid upstream node: nil, client: 11.176.16.149, server: _, request: "GET /echo/foo HTTP/1.1", host: "11.149.240.37"',
    ],
    [
      "another failure of the loop",
      "2026/11/23 09:33:58 [error] 7#7: *9 [lua] init.lua:403: list_watch failed, kind: Endpoints, reason: Unauthorized, message : x",
    ],
    [
      "words of the loop not at the start of the message",
      "2026/11/23 09:33:58 [error] 7#7: *9 [lua] init.lua:12: plugin says: list_watch failed, kind: Endpoints, reason: RuntimeException",
    ],
    [
      "words about the token file not at the start of the message",
      "2026/11/23 09:33:58 [error] 7#7: *9 [lua] core.lua:12: plugin says: failed to read token from file",
    ],
    ["another level", refusal.replace("[error]", "[warn]")],
    ["another file", refusal.replace("informer_factory.lua", "my_informer_factory.lua")],
    ["a line number that is none", refusal.replace(":295:", ":x:")],
    ["no connection number", refusal.replace("*9 ", "")],
    ["no process id", refusal.replace("3137#3137", "#3137")],
    ["another subsystem", refusal.replace("[lua]", "mail [lua]")],
    ["the prefix that stern and kubectl add", `apisix-57c57fd48b-hqzq9 apisix ${refusal}`],
    ["a client's path", accessLog({ path: `/${refusal}` })],
    ["a client's user agent", accessLog({ userAgent: refusal })],
    ["a client's referrer", accessLog({ referer: refusal })],
    ["a client's host", accessLog({ host: refusal })],
    ["a timestamp of its own inside a client's text", accessLog({ userAgent: `\\x0A${framed(refusal).trimEnd()}` })],
  ])("%s", (_, line) => {
    expect(scan(framed(line)).lines).toEqual([]);
  });

  it.each([
    ["no API timestamp", `${refusal}\n`],
    ["an API timestamp without its space", `2026-11-23T08:17:57.827315000Z${refusal}\n`],
    ["a timestamp that is no time", framed(refusal, "2026-11-33T08:17:57.827315000Z")],
    ["a timestamp without a time zone", framed(refusal, "2026-11-23T08:17:57.827315000")],
    ["two timestamps", framed(framed(refusal).trimEnd())],
    ["a timestamp that does not begin the line", ` ${framed(refusal)}`],
  ])("a record with %s", (_, text) => {
    expect(scan(text).lines).toEqual([]);
  });

  // The kubelet gives the second half of a line that was cut in two a timestamp when another stream's record came between.
  it.each([
    ["user agent", accessLog({ userAgent: `padding ${refusal}` })],
    [
      "user agent that breaks off where the format goes on",
      accessLog({ userAgent: `padding ${refusal.slice(0, refusal.indexOf("{") + 1)}` }),
    ],
    ["user agent with a short body", accessLog({ userAgent: `padding ${refusal.slice(0, refusal.indexOf("{"))}` })],
    [
      "referrer, with a user agent after it",
      accessLog({ referer: `padding ${refusal.slice(0, refusal.indexOf('"'))}`, userAgent: "kind" }),
    ],
    ["host", accessLog({ host: `padding ${refusal}` })],
    ["path", accessLog({ path: `/padding ${refusal}` })],
    [
      "field of a JSON access log",
      `{"request":"GET /","agent":"padding ${refusal.replaceAll('"', String.raw`\"`)}","status":200}`,
    ],
    [
      "field of a JSON access log that breaks off",
      `{"agent":"padding ${refusal.slice(0, refusal.indexOf("{") + 1)}","kind":"Status","code":401}`,
    ],
  ])("the second half of a cut access-log line that begins inside the client's %s", (_, line) => {
    const half = line.slice(line.indexOf("padding ") + "padding ".length);
    expect(scan(framed("10.0.3.7 - - ") + framed(half)).lines).toEqual([]);
  });

  it.each([
    ["at the start of a chunk", ""],
    ["behind another line of its chunk", framed(accessLog())],
  ])("a line longer than OpenResty writes, %s", (_, before) => {
    const record = (length: number) =>
      framed(refusal.slice(0, refusal.indexOf("{")).padEnd(length, "x"), `${TIME}+00:00`);
    expect(failures(before + record(4096))).toEqual(["unauthorized"]);
    expect(failures(before + record(4097))).toEqual([]);
  });
});

describe("the scanner", () => {
  it.each([
    ["the zone of the node", "2026-11-23T10:17:57.827315000+02:00"],
    ["a node west of Greenwich", "2026-11-23T03:17:57.827315000-05:00"],
    ["fewer digits", "2026-11-23T08:17:57.827Z"],
  ])("reads a timestamp with %s", (_, timestamp) => {
    expect(scan(framed(refusal, timestamp))).toEqual({
      lines: [{ at: AT, failure: "unauthorized", subsystem: "http", pid: 3137 }],
      firstLineAt: AT,
    });
  });

  it("reads a timestamp without a fraction", () => {
    expect(scan(framed(refusal, "2026-11-23T08:17:57Z")).lines[0]?.at).toBe(AT - 827);
  });

  it("finds every record among other lines, oldest first", () => {
    const text = [
      framed(accessLog()),
      framed(refusal, "2026-11-23T08:18:37.000000000Z"),
      framed(", context: ngx.timer", "2026-11-23T08:18:37.000000000Z"),
      framed(refusal.replace("Unauthorized", "Gone").replace("401", "410"), "2026-11-23T08:17:57.000000000Z"),
      framed(accessLog({ userAgent: "#".repeat(500) })),
      "\n\n",
      framed(refusal, "2026-11-23T08:19:17.000000000Z"),
    ].join("");
    expect(scan(text).lines.map(({ at, failure }) => [new Date(at).toISOString().slice(14, 19), failure])).toEqual([
      ["17:57", "other"],
      ["18:37", "unauthorized"],
      ["19:17", "unauthorized"],
    ]);
  });

  it("reads a record whose timestamp and process id are as long as they can be", () => {
    const record = refusal.replace("3137#3137", "1234567890#1234567890");
    expect(scan(framed(record, `${TIME}+00:00`)).lines).toMatchObject([{ at: AT, pid: 1_234_567_890 }]);
  });

  it("counts a last line without a newline", () => {
    expect(failures(framed(refusal).trimEnd())).toEqual(["unauthorized"]);
  });

  it("forgets a line that is too long and goes on with the next", () => {
    const scanner = createInformerScanner();
    for (let i = 0; i < 100; i++) scanner.push(Buffer.from(framed(refusal).trimEnd()));
    scanner.push(Buffer.from(`\n${framed(refusal)}`));
    expect(scanner.finish().lines).toHaveLength(1);
  });

  it("does not keep the bytes it is given", () => {
    const scanner = createInformerScanner();
    const chunk = Buffer.from(framed(refusal).slice(0, 200));
    scanner.push(chunk);
    chunk.fill(0);
    scanner.push(Buffer.from(framed(refusal).slice(200)));
    expect(scanner.finish()).toMatchObject({ lines: [{ at: AT }], firstLineAt: AT });
  });

  it("takes a view into a larger buffer", () => {
    const whole = new TextEncoder().encode(`xxxx${framed(refusal)}${framed(refusal)}`);
    expect(scan(whole.subarray(4, 4 + framed(refusal).length)).lines).toHaveLength(1);
  });
});

describe("the time of the first line", () => {
  it.each([
    ["an access-log line", framed(accessLog()), AT],
    ["an empty line", framed(""), AT],
    ["a first line cut off behind its timestamp", "2026-11-23T08:17:57.827315000Z 10.0", AT],
    ["no bytes at all", "", null],
    ["a line without a timestamp, though a later one has it", `10.0.3.7 - -\n${framed(accessLog())}`, null],
    ["an empty line without a timestamp", `\n${framed(accessLog())}`, null],
    ["a timestamp that is cut off", "2026-11-23T08:17:57.8273150", null],
    ["a timestamp that is no time", framed("x", "2026-99-99T08:17:57.827315000Z"), null],
    ["binary", "\x00\xff\x00", null],
  ])("of %s", (_, text, at) => {
    expect(scan(text).firstLineAt).toBe(at);
  });
});
