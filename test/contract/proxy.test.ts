import { createServer, type Server } from "node:http";
import { connect as connectTcp } from "node:net";
import { afterEach, expect, it } from "vitest";
import { connect } from "../../src/adapters/kubernetes/connect.ts";
import { createAuthority } from "../support/control-plane/boot/certificates.ts";
import { json, type StubServer, serve, startStub } from "../support/stub-server.ts";

const CANARY = "canary-5ecr3t";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** An HTTP proxy that notes whom it was asked for, and then lets `decide` answer. */
async function startProxy(decide: "tunnel" | "refuse" | "hang"): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server: Server = createServer();
  server.on("connect", (request, socket) => {
    asked.push(`${request.url} ${request.headers["proxy-authorization"] ?? ""}`);
    if (decide === "hang") return;
    if (decide === "refuse") {
      socket.end(`HTTP/1.1 403 ${CANARY}\r\n\r\n`);
      return;
    }
    const [host = "", port] = (request.url ?? "").split(":");
    const upstream = connectTcp(Number(port), host, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [upstream, socket]) end.on("error", () => {});
  });
  const { close, port } = await serve(server, (free) => `http://127.0.0.1:${free}`);
  closers.push(close);
  return { url: `http://user:${CANARY}@127.0.0.1:${port}`, asked };
}

async function startApi(): Promise<StubServer> {
  const server = await startStub(json({ kind: "PodList", metadata: {}, items: [] }));
  closers.push(server.close);
  return server;
}

function through(proxy: { url: string }, server: StubServer, { noProxy = "", connectTimeout = 10_000 } = {}) {
  const cluster = connect({
    server: server.url,
    ca: server.ca,
    authenticate: async () => ({ headers: {} }),
    proxy: { HTTPS_PROXY: proxy.url, NO_PROXY: noProxy },
    limits: { connectTimeout },
  });
  closers.push(cluster.close);
  return cluster.workloads;
}

it("a proxy carries the connection, which is still verified end to end", async () => {
  const server = await startApi();
  const proxy = await startProxy("tunnel");
  const workloads = through(proxy, server);
  expect(await workloads.pods("a", "")).toEqual({ ok: true, value: [] });
  expect(await workloads.pods("a", "")).toEqual({ ok: true, value: [] });
  const credentials = Buffer.from(`user:${CANARY}`).toString("base64");
  expect(proxy.asked).toEqual([`127.0.0.1:${server.port} Basic ${credentials}`]);
  const distrusting = through(proxy, { ...server, ca: createAuthority("other").certificate });
  expect(await distrusting.pods("a", "")).toMatchObject({ failure: { code: "UntrustedCertificate" } });
});

it("a proxy is left out for the exceptions", async () => {
  const proxy = await startProxy("refuse");
  expect((await through(proxy, await startApi(), { noProxy: "127.0.0.1" }).pods("a", "")).ok).toBe(true);
  expect(proxy.asked).toEqual([]);
});

it.each(["refuse", "hang"] as const)(
  "a proxy that would %s is named as the cause, without its password",
  async (decide) => {
    const answer = await through(await startProxy(decide), await startApi(), { connectTimeout: 300 }).pods("a", "");
    expect(answer).toMatchObject({
      failure: { code: "Unreachable", message: expect.stringContaining("The proxy does not let through") },
    });
    expect(JSON.stringify(answer)).not.toContain(CANARY);
  },
);
