import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import { connect } from "../../src/adapters/kubernetes/connect.ts";
import type { RequestCredentials } from "../../src/adapters/kubernetes/credentials.ts";
import type { Read, ReadFailureCode } from "../../src/model/read.ts";
import type { ExecRequest } from "../../src/ports.ts";
import { json, startStub, type UpgradeListener } from "../support/stub-server.ts";
import { accepted, BINARY, CLOSE, CONTINUATION, frame, message, PING } from "../support/websocket.ts";

/** Stands for a token, a message of a node, an answer: whatever must never come out in a failure. */
const CANARY = "canary-5ecr3t";
const V5 = "v5.channel.k8s.io";
const SUCCESS = JSON.stringify({ kind: "Status", metadata: {}, status: "Success" });
const FAILURE = JSON.stringify({ kind: "Status", status: "Failure", message: CANARY, reason: "NonZeroExitCode" });

const REQUEST: ExecRequest = {
  namespace: "edge",
  pod: "apisix-0",
  container: "apisix",
  command: ["sh", "-c", "echo a & b\n", "sh", "/run/token"],
  maxBytes: 1_000,
  maxTime: 2_000,
};

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const signIn = async (): Promise<RequestCredentials> => ({ headers: { authorization: `Bearer ${CANARY}` } });

async function run(
  server: { upgrade?: UpgradeListener; listener?: Parameters<typeof startStub>[0]; tls?: boolean },
  { authenticate = signIn, ...over }: Partial<ExecRequest> & { authenticate?: typeof signIn } = {},
): Promise<Read<string>> {
  const { upgrade = null, listener = json({}), tls = true } = server;
  const stub = await startStub(listener, { upgrade, tls });
  closers.push(stub.close);
  const cluster = connect({ server: stub.url, ca: tls ? stub.ca : null, authenticate });
  closers.push(cluster.close);
  const answer = await cluster.exec.run({ ...REQUEST, ...over });
  return answer.ok ? { ok: true, value: Buffer.from(answer.value).toString() } : answer;
}

/** Agrees and then says this. */
const says =
  (...pieces: readonly Buffer[]): UpgradeListener =>
  (request, connection) => {
    connection.write(accepted(request, V5));
    for (const piece of pieces) connection.write(piece);
  };

/** In as many packets as bytes, so that nothing may count on where they are cut. */
const dribbles =
  (...pieces: readonly Buffer[]): UpgradeListener =>
  async (request, connection) => {
    connection.write(accepted(request, V5));
    for (const byte of Buffer.concat(pieces)) {
      connection.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
  };

describe("a command in a container", () => {
  it("is asked for as the API has it, with the sign-in, and gets no input", async () => {
    const seen: IncomingMessage[] = [];
    const answer = await run({
      upgrade: (request, connection) => {
        seen.push(request);
        says(message(1, "out"), message(3, SUCCESS))(request, connection);
      },
    });
    expect(answer).toEqual({ ok: true, value: "out" });
    const [{ method, url = "", headers } = {} as IncomingMessage] = seen;
    const { pathname, searchParams } = new URL(url, "http://any");
    expect({ method, pathname }).toEqual({ method: "GET", pathname: "/api/v1/namespaces/edge/pods/apisix-0/exec" });
    expect(searchParams.getAll("command")).toEqual(REQUEST.command);
    expect([...new Set(searchParams.keys())].sort()).toEqual(["command", "container", "stdout"]);
    expect(headers).toMatchObject({
      authorization: `Bearer ${CANARY}`,
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-protocol": "v5.channel.k8s.io, v4.channel.k8s.io",
    });
    expect(headers["sec-websocket-extensions"]).toBeUndefined();
  });

  const out = message(1, "some ");
  const rows: [string, UpgradeListener, string][] = [
    ["no output at all", says(message(3, SUCCESS)), ""],
    ["empty messages", says(frame(BINARY, ""), message(1, ""), message(1, "x"), message(3, SUCCESS)), "x"],
    ["several messages", says(out, message(1, "text"), message(3, SUCCESS)), "some text"],
    ["one byte at a time", dribbles(out, message(1, "text"), message(3, SUCCESS)), "some text"],
    [
      "a message in three frames, with a ping between",
      says(
        frame(BINARY, "\x01some", { last: false }),
        frame(CONTINUATION, " ", { last: false }),
        frame(PING, "?"),
        frame(CONTINUATION, "text"),
        message(3, SUCCESS),
      ),
      "some text",
    ],
    ["errors beside the output", says(message(2, CANARY), out, message(2, CANARY), message(3, SUCCESS)), "some "],
    ["a stream nobody knows", says(message(9, CANARY), out, message(255, "\x01"), message(3, SUCCESS)), "some "],
    ["as much as is allowed", says(message(1, "x".repeat(1_000)), message(3, SUCCESS)), "x".repeat(1_000)],
    ["more after its end", says(out, message(3, SUCCESS), message(1, "more"), Buffer.from(CANARY)), "some "],
    [
      "an older server",
      (request, connection) => {
        connection.write(accepted(request, "v4.channel.k8s.io"));
        connection.write(Buffer.concat([out, message(3, SUCCESS)]));
      },
      "some ",
    ],
    [
      "all in one packet with the head",
      (request, connection) =>
        connection.write(Buffer.concat([Buffer.from(accepted(request, V5)), out, message(3, SUCCESS)])),
      "some ",
    ],
  ];
  it.each(rows)("gives its output: %s", async (_name, upgrade, text) => {
    expect(await run({ upgrade })).toEqual({ ok: true, value: text });
  });

  it("gives its output over plain HTTP, as kubectl proxy has it", async () => {
    expect(await run({ upgrade: says(out, message(3, SUCCESS)), tls: false })).toEqual({ ok: true, value: "some " });
  });

  it("ends the connection, politely", async () => {
    const said: Buffer[] = [];
    let ended: Promise<void> | undefined;
    await run({
      upgrade: (request, connection) => {
        connection.on("data", (chunk: Buffer) => said.push(chunk));
        ended = new Promise((resolve) => connection.once("close", resolve));
        says(message(3, SUCCESS))(request, connection);
      },
    });
    await ended;
    expect(Buffer.concat(said).toString("hex")).toBe("888000000000");
  });

  it("is asked for once more when the sign-in has expired meanwhile", async () => {
    let asked = 0;
    const answer = await run(
      {
        upgrade: (request, connection) => {
          asked++;
          if (request.headers.authorization === "Bearer new") says(message(3, SUCCESS))(request, connection);
          else connection.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
        },
      },
      {
        authenticate: async (refused?: RequestCredentials) =>
          refused ? { headers: { authorization: "Bearer new" } } : signIn(),
      },
    );
    expect({ answer, asked }).toEqual({ answer: { ok: true, value: "" }, asked: 2 });
  });
});

describe("a command that gives no output", () => {
  const refuses =
    (head: string): UpgradeListener =>
    (_request, connection) =>
      connection.end(`HTTP/1.1 ${head}\r\nContent-Length: ${CANARY.length}\r\n\r\n${CANARY}`);
  const ends =
    (end: (connection: Duplex) => void, ...pieces: readonly Buffer[]): UpgradeListener =>
    (request, connection) => {
      says(...pieces)(request, connection);
      setTimeout(() => end(connection), 50);
    };

  const rows: [string, UpgradeListener, ReadFailureCode][] = [
    ["401", refuses("401 Unauthorized"), "Unauthorized"],
    ["403", refuses("403 Forbidden"), "Forbidden"],
    ["no such pod", refuses("404 Not Found"), "NotFound"],
    ["no such container", refuses("400 Bad Request"), "Refused"],
    ["a kubelet out of reach", refuses("500 Internal Server Error"), "ServerError"],
    ["success without another protocol", refuses("200 OK"), "InvalidAnswer"],
    ["a redirect", refuses("302 Found\r\nLocation: https://example.com/"), "InvalidAnswer"],
    ["no HTTP", (_request, connection) => connection.end(CANARY), "InvalidAnswer"],
    ["a connection that is reset", (_request, connection) => connection.destroy(), "Unreachable"],
    ["a server that never answers", () => {}, "Timeout"],
    [
      "a server that agrees to another protocol",
      (request, connection) => connection.write(accepted(request, CANARY)),
      "InvalidAnswer",
    ],
    [
      "a server that did not read the key",
      (request, connection) => connection.write(accepted(request, V5, CANARY)),
      "InvalidAnswer",
    ],
    ["a command that hangs", says(message(1, CANARY)), "Timeout"],
    [
      "a command that never ends",
      (request, connection) => {
        says()(request, connection);
        const timer = setInterval(() => connection.write(message(2, CANARY)), 20);
        connection.once("close", () => clearInterval(timer));
      },
      "Timeout",
    ],
    ["a command that fails", says(message(1, CANARY), message(3, FAILURE)), "Refused"],
    ["a status that is not JSON", says(message(3, CANARY)), "InvalidAnswer"],
    ["a status that says neither", says(message(3, `{"status":"${CANARY}"}`)), "InvalidAnswer"],
    ["a status that is null", says(message(3, "null")), "InvalidAnswer"],
    ["an empty status", says(message(3, "")), "InvalidAnswer"],
    [
      "too much output",
      says(message(1, CANARY.repeat(50)), message(1, CANARY.repeat(50)), message(3, SUCCESS)),
      "TooLarge",
    ],
    ["one message that is too long", says(message(1, CANARY.repeat(10_000))), "TooLarge"],
    ["a message of a terabyte", says(Buffer.from([0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0])), "TooLarge"],
    ["rubbish", says(Buffer.from(CANARY.repeat(20))), "InvalidAnswer"],
    ["a masked frame", says(Buffer.from([0x82, 0x81, 1, 2, 3, 4, 5])), "InvalidAnswer"],
    ["a close without a status", says(message(1, CANARY), frame(CLOSE, Buffer.from([0x03, 0xe8]))), "InvalidAnswer"],
    ["an end without a status", ends((connection) => connection.end(), message(1, CANARY)), "InvalidAnswer"],
    ["a break without a status", ends((connection) => connection.destroy(), message(1, CANARY)), "InvalidAnswer"],
    [
      "a break within a frame",
      ends((connection) => connection.destroy(), message(1, CANARY).subarray(0, 5)),
      "InvalidAnswer",
    ],
  ];

  it.each(rows)("is told apart: %s", async (_name, upgrade, code) => {
    const start = performance.now();
    const answer = await run({ upgrade }, code === "Timeout" ? { maxTime: 400 } : {});
    expect(answer).toMatchObject({
      ok: false,
      failure: {
        code,
        what: "run a command in container apisix of pod edge/apisix-0",
        message: expect.stringMatching(/^[A-Z0-9].*\.$/),
      },
    });
    expect(JSON.stringify(answer)).not.toContain(CANARY);
    if (code === "Timeout") expect(performance.now() - start).toBeLessThan(1_500);
  });

  it("ends at once when the guard closes its connections", async () => {
    let opened: (() => void) | undefined;
    const isOpen = new Promise<void>((resolve) => {
      opened = resolve;
    });
    const running = run({
      upgrade: (request, connection) => {
        says(message(1, CANARY))(request, connection);
        opened?.();
      },
    });
    await isOpen;
    await new Promise((resolve) => setTimeout(resolve, 100));
    const start = performance.now();
    // The guard's, not the server's.
    closers.pop()?.();
    expect(await running).toMatchObject({ ok: false, failure: { code: "InvalidAnswer" } });
    expect(performance.now() - start).toBeLessThan(500);
  });

  it("names both permissions that it takes", async () => {
    expect(await run({ upgrade: refuses("403 Forbidden") })).toMatchObject({
      failure: {
        permission: { verb: "create", resource: "pods/exec", namespace: "edge" },
        message: expect.stringMatching(/create pods\/exec in namespace edge.* get .* manifests --probe /),
      },
    });
  });

  it("a server that knows nothing of other protocols is told from a cluster", async () => {
    expect(await run({ listener: json({}) })).toMatchObject({ failure: { code: "InvalidAnswer" } });
  });
});
