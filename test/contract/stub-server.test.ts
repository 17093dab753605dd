import type { RequestListener } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type ConnectOptions, connect } from "../../src/adapters/kubernetes/connect.ts";
import type { RequestCredentials } from "../../src/adapters/kubernetes/credentials.ts";
import { GuardError } from "../../src/model/errors.ts";
import type { WorkloadEvent } from "../../src/model/event.ts";
import type { Read, ReadFailure, ReadFailureCode } from "../../src/model/read.ts";
import type { LogRequest } from "../../src/ports.ts";
import { createAuthority } from "../support/control-plane/boot/certificates.ts";
import { json, type StubServer, serve, startStub } from "../support/stub-server.ts";

/** Stands for a token, a response body, a header: whatever must never come out in a failure. */
const CANARY = "canary-5ecr3t";

const LIMITS = { connectTimeout: 10_000, answerTimeout: 10_000, maxBodyBytes: 100_000, pageSize: 2 };
/** For tests in which the time is up. */
const IMPATIENT = { ...LIMITS, connectTimeout: 1_000, answerTimeout: 1_000 };
const limitsFor = (code: ReadFailureCode) => (code === "Timeout" ? IMPATIENT : LIMITS);
const LOG: LogRequest = {
  namespace: "apisix",
  pod: "apisix-0",
  container: "apisix",
  sinceSeconds: 140,
  limitBytes: null,
  maxBytes: 1_000,
  maxTime: 2_000,
};

const closers: (() => unknown)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  for (const close of closers.splice(0).reverse()) await close();
});

function connectTo(stub: Pick<StubServer, "url" | "ca">, options: Partial<ConnectOptions> = {}) {
  const cluster = connect({
    server: stub.url,
    ca: stub.url.startsWith("https") ? stub.ca : null,
    authenticate: async () => ({ headers: { authorization: `Bearer ${CANARY}` } }),
    limits: LIMITS,
    ...options,
  });
  closers.push(cluster.close);
  return cluster;
}

async function stub(listener: RequestListener, options: Parameters<typeof startStub>[1] = {}): Promise<StubServer> {
  const server = await startStub(listener, options);
  closers.push(server.close);
  return server;
}

function failureOf(answer: Read<unknown>): ReadFailure {
  if (answer.ok) throw new Error(`expected a failure, got ${JSON.stringify(answer.value)}`);
  return answer.failure;
}

const pod = (name: string) => ({ metadata: { name, namespace: "apisix" } });
const podList = (names: string[], next = "") => ({
  kind: "PodList",
  apiVersion: "v1",
  metadata: { continue: next },
  items: names.map(pod),
});
const status = (code: number) => ({ kind: "Status", status: "Failure", message: CANARY, code });

describe("a list from a server that misbehaves", () => {
  const raw =
    (type: string, body: string, code = 200): RequestListener =>
    (_request, response) => {
      response.writeHead(code, { "content-type": type });
      response.end(body);
    };
  const rows: [string, RequestListener, ReadFailureCode][] = [
    ["401", json(status(401), 401), "Unauthorized"],
    ["403", json(status(403), 403), "Forbidden"],
    ["404", json(status(404), 404), "NotFound"],
    ["422", json(status(422), 422), "Refused"],
    ["429 without a time to wait", json(status(429), 429), "Throttled"],
    [
      "429 with a wait longer than the guard's patience",
      json(status(429), 429, { "retry-after": "3600" }),
      "Throttled",
    ],
    ["500", json(status(500), 500), "ServerError"],
    ["503 without a time to wait", json(status(503), 503), "ServerError"],
    ["a redirect to a login page", raw("text/html", CANARY, 302), "InvalidAnswer"],
    ["an HTML page", raw("text/html", `<html>${CANARY}</html>`), "InvalidAnswer"],
    ["HTML that claims to be JSON", raw("application/json", `<html>${CANARY}</html>`), "InvalidAnswer"],
    [
      "JSON that is cut off",
      raw("application/json", `{"kind":"PodList","items":[{"metadata":{"name":"${CANARY}`),
      "InvalidAnswer",
    ],
    ["an empty body", raw("application/json", ""), "InvalidAnswer"],
    ["JSON null", json(null), "InvalidAnswer"],
    ["a list without items", json({ kind: "PodList", metadata: {} }), "InvalidAnswer"],
    ["items that are no array", json({ kind: "PodList", metadata: {}, items: 7 }), "InvalidAnswer"],
    ["items that are null", json({ kind: "PodList", metadata: {}, items: [null] }), "InvalidAnswer"],
    ["a list of another kind", json({ kind: "NodeList", metadata: {}, items: [pod(CANARY)] }), "InvalidAnswer"],
    ["a Status with 200", json(status(200)), "InvalidAnswer"],
    ["a list larger than the limit", json(podList(["a"], CANARY.repeat(10_000))), "TooLarge"],
    ["a list that never ends its pages", json(podList(["a"], CANARY)), "TooLarge"],
    ["a connection that is reset", (request) => request.socket.destroy(), "Unreachable"],
    [
      "a connection that breaks in the middle of the answer",
      (_request, response) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
        response.write(`{"kind":"PodList","items":[{"metadata":{"name":"${CANARY}`, () => response.socket?.destroy());
      },
      "Unreachable",
    ],
    ["a server that never answers", () => {}, "Timeout"],
    [
      "a server that never ends its answer",
      (_request, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.write("{");
      },
      "Timeout",
    ],
  ];

  it.each(rows)("is told apart: %s", async (_name, listener, code) => {
    const { workloads } = connectTo(await stub(listener), { limits: limitsFor(code) });
    const failure = failureOf(await workloads.pods("apisix", "app=apisix"));
    expect(failure.code).toBe(code);
    expect(failure.what).toBe("list pods in namespace apisix");
    expect(failure.message).toMatch(/^[A-Z0-9].*\.$/);
    expect(JSON.stringify(failure)).not.toContain(CANARY);
    expect(JSON.stringify(failure)).not.toContain("labelSelector");
  });

  it("names the missing permission when it is forbidden", async () => {
    const { workloads, logs, access } = connectTo(await stub(json(status(403), 403)));
    expect(failureOf(await workloads.deployments(null, ""))).toMatchObject({
      permission: { verb: "list", resource: "deployments.apps", namespace: null },
      message: expect.stringContaining('"kubectl auth can-i list deployments.apps --all-namespaces"'),
    });
    expect(failureOf(await logs.read(LOG, () => {}))).toMatchObject({
      permission: { verb: "get", resource: "pods/log", namespace: "apisix" },
      message: expect.stringContaining('"kubectl auth can-i get pods --subresource=log --namespace apisix"'),
    });
    expect(failureOf(await access.mayList({ namespace: "a", serviceAccount: "b" }, "endpoints"))).toMatchObject({
      permission: { verb: "create", resource: "subjectaccessreviews.authorization.k8s.io", namespace: null },
    });
  });
});

it("an endless web page is given up at its head", async () => {
  const { workloads } = connectTo(
    await stub((_request, response) => {
      response.writeHead(200, { "content-type": "text/html" });
      response.write(`<html>${CANARY}`);
    }),
  );
  const failure = failureOf(await workloads.pods("apisix", ""));
  expect(failure).toMatchObject({ code: "InvalidAnswer", message: expect.stringContaining("not JSON") });
});

it("a connection that was closed sends nothing any more", async () => {
  let requests = 0;
  const server = await stub((_request, response) => {
    requests++;
    json({ items: [] })(_request, response);
  });
  const cluster = connectTo(server);
  cluster.close();
  expect(failureOf(await cluster.workloads.pods("apisix", "")).code).toBe("Unreachable");
  expect(requests).toBe(0);
});

it("an answer that comes before the request is sent leaves no time limit behind, for which the program would wait", async () => {
  const sent = Promise.withResolvers<void>();
  const server = await stub((request, response) => {
    json({ status: { allowed: true } })(request, response);
    request.resume().once("end", sent.resolve);
  });
  const answerTimeout = 9_999;
  const { access } = connectTo(server, { limits: { ...LIMITS, answerTimeout } });
  const running = new Set<unknown>();
  const [start, stop] = [globalThis.setTimeout, globalThis.clearTimeout];
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((...args: Parameters<typeof setTimeout>) => {
    const timer = start(...args);
    if (args[1] === answerTimeout) running.add(timer);
    return timer;
  }) as typeof setTimeout);
  vi.spyOn(globalThis, "clearTimeout").mockImplementation((timer) => {
    running.delete(timer);
    stop(timer);
  });
  const resource = "x".repeat(30_000_000);
  expect(await access.iMay({ verb: "get", resource, namespace: null })).toEqual({ ok: true, value: true });
  await sent.promise;
  await new Promise(setImmediate);
  expect(running.size).toBe(0);
});

describe("a watch", () => {
  const REF = { kind: "Deployment", namespace: "apisix", name: "apisix" } as const;
  const event = (type: string) => `${JSON.stringify({ type, object: { metadata: { name: "apisix" } } })}\n`;

  /** Follows a workload whose watch is answered by this. */
  const follow = async (watch: RequestListener, maxTime = 10_000) => {
    const found = json({ metadata: { name: "apisix" } });
    const server = await stub((request, response) =>
      (request.url?.includes("watch=true") ? watch : found)(request, response),
    );
    return connectTo(server).workloads.follow(REF, () => false, maxTime);
  };
  const says =
    (...pieces: string[]): RequestListener =>
    (_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      for (const piece of pieces) response.write(piece);
    };
  const ends: typeof says =
    (...pieces) =>
    (request, response) => {
      says(...pieces)(request, response);
      response.end();
    };

  it.each([
    ["the workload is deleted", says(event("MODIFIED"), event("DELETED"))],
    ["the server ends it", ends(event("MODIFIED"))],
    ["nothing was said", ends()],
  ])("is over when %s", async (_name, watch) => {
    expect(await follow(watch)).toEqual({ ok: true, value: null });
  });

  it("is over when its time is", async () => {
    expect(await follow(says(event("MODIFIED")), 100)).toEqual({ ok: true, value: null });
  });

  it.each<[string, RequestListener, ReadFailureCode]>([
    ["an error", says(`{"type":"ERROR","object":{"message":"${CANARY}"}}\n`), "InvalidAnswer"],
    ["an error at its end", ends(`{"type":"ERROR","object":{"message":"${CANARY}"}}`), "InvalidAnswer"],
    ["no event", says(`"${CANARY}"\n`), "InvalidAnswer"],
    ["a page to sign in", ends(`<html>${CANARY}</html>`), "InvalidAnswer"],
    [
      "a connection that breaks",
      (_request, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.write(`${event("MODIFIED")}{"type":"${CANARY}`, () => response.socket?.destroy());
      },
      "Unreachable",
    ],
  ])("fails with %s", async (_name, watch, code) => {
    const answer = await follow(watch);
    expect(failureOf(answer)).toMatchObject({ code, what: "watch Deployment apisix/apisix" });
    expect(JSON.stringify(answer)).not.toContain(CANARY);
  });
});

describe("a list in pages", () => {
  const pages: Record<string, [string[], string]> = {
    first: [["a", "b"], "2"],
    "2": [["c", "d"], "3"],
    "3": [["e"], ""],
  };
  const page = (url: string) => pages[new URL(url, "http://stub").searchParams.get("continue") ?? "first"] ?? [[], ""];

  it("is followed to its end", async () => {
    const urls: string[] = [];
    const server = await stub((request, response) => {
      urls.push(request.url ?? "");
      json(podList(...page(request.url ?? "")))(request, response);
    });
    const answer = await connectTo(server).workloads.pods("apisix", "app=a");
    expect(answer.ok && answer.value.map((item) => item.metadata?.name)).toEqual(["a", "b", "c", "d", "e"]);
    expect(urls).toEqual([
      "/api/v1/namespaces/apisix/pods?labelSelector=app%3Da&limit=2",
      "/api/v1/namespaces/apisix/pods?continue=2&labelSelector=app%3Da&limit=2",
      "/api/v1/namespaces/apisix/pods?continue=3&labelSelector=app%3Da&limit=2",
    ]);
  });

  it.each([
    { expirations: 1, ok: true, requests: 6 },
    { expirations: 2, ok: false, requests: 6 },
  ])(
    "is read again from the start once when a page expired ($expirations times)",
    async ({ expirations, ok, requests }) => {
      let left = expirations;
      let seen = 0;
      const server = await stub((request, response) => {
        seen++;
        const expired = (request.url ?? "").includes("continue=3") && left-- > 0;
        (expired ? json(status(410), 410) : json(podList(...page(request.url ?? ""))))(request, response);
      });
      const answer = await connectTo(server).workloads.pods("apisix", "app=a");
      expect(answer.ok ? answer.value.length : answer.failure.code).toBe(ok ? 5 : "Expired");
      expect(seen).toBe(requests);
    },
  );
});

describe("a server that asks to wait", () => {
  it.each([429, 503])("is asked again after the time it names (%s)", async (code) => {
    let seen = 0;
    const server = await stub((request, response) => {
      (seen++ < 2 ? json(status(code), code, { "retry-after": "0" }) : json(podList(["a"])))(request, response);
    });
    expect((await connectTo(server).workloads.pods("apisix", "")).ok).toBe(true);
    expect(seen).toBe(3);
  });

  it("is not asked more than three times", async () => {
    let seen = 0;
    const server = await stub((request, response) => {
      seen++;
      json(status(429), 429, { "retry-after": "0" })(request, response);
    });
    expect(failureOf(await connectTo(server).workloads.pods("apisix", "")).code).toBe("Throttled");
    expect(seen).toBe(3);
  });

  it("is waited for", async () => {
    const times: number[] = [];
    const server = await stub((request, response) => {
      times.push(performance.now());
      (times.length === 1 ? json(status(429), 429, { "retry-after": "1" }) : json(podList([])))(request, response);
    });
    expect((await connectTo(server).workloads.pods("apisix", "")).ok).toBe(true);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(950);
  });
});

it("a kept-alive connection that the server gave up in silence is replaced", async () => {
  let seen = 0;
  const server = await stub((request, response) => {
    seen++;
    // The second request meets a connection that looks alive and is not.
    if (seen === 2) request.socket.destroy();
    else json(podList(["a"]))(request, response);
  });
  const { workloads } = connectTo(server);
  expect((await workloads.pods("apisix", "")).ok).toBe(true);
  expect((await workloads.pods("apisix", "")).ok).toBe(true);
  expect(seen).toBe(3);
});

describe("a server that is not the one expected", () => {
  it("is not trusted with a certificate of another CA", async () => {
    const server = await stub(json(podList([])));
    const { workloads } = connectTo({ ...server, ca: createAuthority("other").certificate });
    expect(failureOf(await workloads.pods("a", "")).code).toBe("UntrustedCertificate");
  });

  it("is not trusted with a certificate for another name, unless that name is expected", async () => {
    const server = await stub(json(podList([])), { hosts: ["kubernetes.default"] });
    expect(failureOf(await connectTo(server).workloads.pods("a", "")).code).toBe("UntrustedCertificate");
    const named = connectTo(server, { tlsServerName: "kubernetes.default" });
    expect((await named.workloads.pods("a", "")).ok).toBe(true);
    expect(named.warnings).toEqual([]);
  });

  it("is trusted blindly only on demand, and then with a warning", async () => {
    const server = await stub(json(podList([])));
    const cluster = connectTo(server, { ca: createAuthority("other").certificate, insecureSkipTlsVerify: true });
    expect((await cluster.workloads.pods("a", "")).ok).toBe(true);
    expect(cluster.warnings).toEqual([expect.stringContaining("not verified")]);
  });

  it("is verified even when the environment turns verification off", async () => {
    const server = await stub(json(podList([])));
    // Node warns of it once.
    vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    const { workloads } = connectTo({ ...server, ca: createAuthority("other").certificate });
    expect(failureOf(await workloads.pods("a", "")).code).toBe("UntrustedCertificate");
  });

  it("is an invalid answer when it speaks plain HTTP on the port", async () => {
    const server = await stub(json(podList([])), { tls: false });
    const { workloads } = connectTo({ ca: server.ca, url: `https://127.0.0.1:${server.port}` }, { ca: server.ca });
    expect(failureOf(await workloads.pods("a", "")).code).toBe("InvalidAnswer");
  });

  it("is an invalid answer when it speaks neither TLS nor HTTP", async () => {
    const server = await serve(
      createTcpServer((socket) => socket.end(`SSH-2.0-${CANARY}\r\n`)),
      (port) => `http://127.0.0.1:${port}`,
    );
    closers.push(server.close);
    const failure = failureOf(await connectTo(server).workloads.pods("a", ""));
    expect(failure.code).toBe("InvalidAnswer");
    expect(JSON.stringify(failure)).not.toContain(CANARY);
  });

  it("is a timeout when it takes connections and says nothing", async () => {
    const server = await serve(
      createTcpServer(() => {}),
      (port) => `https://127.0.0.1:${port}`,
    );
    closers.push(server.close);
    const failure = failureOf(await connectTo(server, { limits: IMPATIENT }).workloads.pods("a", ""));
    expect(failure.code).toBe("Timeout");
    expect(failure.message).toContain("No connection");
  });

  it("is unreachable when nothing listens", async () => {
    const server = await startStub(json({}));
    await server.close();
    const failure = failureOf(await connectTo(server).workloads.pods("a", ""));
    expect(failure.code).toBe("Unreachable");
    expect(failure.message).toContain("ECONNREFUSED");
  });

  it("is unreachable when its name does not exist", async () => {
    const { workloads } = connectTo({ url: "https://api.cluster.invalid", ca: createAuthority("x").certificate });
    expect(failureOf(await workloads.pods("a", "")).code).toBe("Unreachable");
  });

  it.each(["", "ftp://a", "api.example.com:6443", `https://user:${CANARY}@a`, `https://a?token=${CANARY}`])(
    "is refused when its address is unusable: %s",
    (server) => {
      let error: unknown;
      try {
        connect({ server, ca: null, authenticate: async () => ({ headers: {} }) });
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toMatchObject({ code: "BadConfig" });
      expect(String(error)).not.toContain(CANARY);
    },
  );

  it("is refused when its CA is empty", () => {
    const authenticate = async () => ({ headers: {} });
    expect(() => connect({ server: "https://a", ca: "", authenticate })).toThrow(GuardError);
  });
});

describe("the version", () => {
  const version = (body: unknown, date: string | null): RequestListener => {
    return (_request, response) => {
      response.sendDate = false;
      response.writeHead(200, { "content-type": "application/json", ...(date === null ? {} : { date }) });
      response.end(JSON.stringify(body));
    };
  };

  it("comes with the server's time and the guard's own", async () => {
    const server = await stub(version({ gitVersion: "v1.36.3" }, "Mon, 01 Jun 2026 00:00:07 GMT"));
    const before = Date.now();
    const answer = await connectTo(server).workloads.server();
    expect(answer).toEqual({
      ok: true,
      value: { gitVersion: "v1.36.3", at: Date.UTC(2026, 5, 1, 0, 0, 7), localAt: expect.any(Number) },
    });
    expect(answer.ok && answer.value.localAt).toBeGreaterThanOrEqual(before);
  });

  it.each<[string, unknown, string | null]>([
    ["without a Date header", { gitVersion: "v1.36.3" }, null],
    ["with a Date header that is none", { gitVersion: "v1.36.3" }, "yesterday"],
    ["with a date in another form", { gitVersion: "v1.36.3" }, "2026-06-01T00:00:07Z"],
    ["with a date that does not exist", { gitVersion: "v1.36.3" }, "Mon, 99 Jun 2026 00:00:07 GMT"],
    ["without a version", { platform: "linux/amd64" }, "Mon, 01 Jun 2026 00:00:07 GMT"],
    ["of no object", [], "Mon, 01 Jun 2026 00:00:07 GMT"],
  ])("is invalid %s", async (_name, body, date) => {
    const server = await stub(version(body, date));
    expect(failureOf(await connectTo(server).workloads.server()).code).toBe("InvalidAnswer");
  });
});

describe("an object", () => {
  it("is invalid when it is another one", async () => {
    const { workloads } = connectTo(
      await stub(json({ kind: "ConfigMap", metadata: { name: "other" }, data: { a: CANARY } })),
    );
    const failure = failureOf(await workloads.configMap("apisix", "apisix"));
    expect(failure).toMatchObject({ code: "InvalidAnswer", what: "read ConfigMap apisix/apisix" });
    expect(JSON.stringify(failure)).not.toContain(CANARY);
  });

  it("is asked for by its escaped name", async () => {
    let url: string | undefined;
    const { workloads } = connectTo(
      await stub((request, response) => {
        url = request.url;
        json(status(404), 404)(request, response);
      }),
    );
    expect(failureOf(await workloads.configMap("a/b", "../../secrets/x")).code).toBe("NotFound");
    expect(url).toBe("/api/v1/namespaces/a%2Fb/configmaps/..%2F..%2Fsecrets%2Fx");
  });
});

describe("Argo Rollouts", () => {
  it("are an empty list where the cluster does not know them, in one namespace and in all", async () => {
    const { workloads } = connectTo(await stub(json(status(404), 404)));
    expect(await workloads.rollouts(null, "")).toEqual({ ok: true, value: [] });
    expect(await workloads.rollouts("apisix", "")).toEqual({ ok: true, value: [] });
  });

  it("are followed over pages as the other kinds", async () => {
    const urls: string[] = [];
    const { workloads } = connectTo(
      await stub((request, response) => {
        urls.push(request.url ?? "");
        const next = urls.length === 1 ? "n" : "";
        json({ kind: "RolloutList", metadata: { continue: next }, items: [pod(`r${urls.length}`)] })(request, response);
      }),
    );
    const answer = await workloads.rollouts(null, "app=a");
    expect(answer.ok && answer.value.map((item) => item.metadata?.name)).toEqual(["r1", "r2"]);
    expect(urls).toEqual([
      "/apis/argoproj.io/v1alpha1/rollouts?labelSelector=app%3Da&limit=2",
      "/apis/argoproj.io/v1alpha1/rollouts?continue=n&labelSelector=app%3Da&limit=2",
    ]);
  });
});

describe("the question what somebody may do", () => {
  it("names the user, its groups, the resource and its API group", async () => {
    let body = "";
    const { access } = connectTo(
      await stub((request, response) => {
        request.on("data", (chunk) => {
          body += chunk;
        });
        request.on("end", () =>
          json({ kind: "SubjectAccessReview", status: { allowed: true } }, 201)(request, response),
        );
      }),
    );
    const subject = { namespace: "apisix", serviceAccount: "gateway" };
    expect(await access.mayList(subject, "endpointslices.discovery.k8s.io")).toEqual({ ok: true, value: true });
    expect(JSON.parse(body).spec).toEqual({
      user: "system:serviceaccount:apisix:gateway",
      groups: ["system:serviceaccounts", "system:serviceaccounts:apisix", "system:authenticated"],
      resourceAttributes: { verb: "list", resource: "endpointslices", group: "discovery.k8s.io" },
    });
  });

  it("names a namespace, or none for all, and a subresource", async () => {
    const bodies: string[] = [];
    const { access } = connectTo(
      await stub((request, response) => {
        let body = "";
        request.on("data", (chunk) => {
          body += chunk;
        });
        request.on("end", () => {
          bodies.push(body);
          json({ kind: "SelfSubjectAccessReview", status: { allowed: false } }, 201)(request, response);
        });
      }),
    );
    const answer = { ok: true, value: false };
    expect(await access.iMay({ verb: "patch", resource: "deployments.apps/scale", namespace: "edge" })).toEqual(answer);
    expect(await access.iMay({ verb: "list", resource: "pods", namespace: null })).toEqual(answer);
    expect(bodies.map((body) => JSON.parse(body).spec.resourceAttributes)).toEqual([
      { verb: "patch", namespace: "edge", resource: "deployments", group: "apps", subresource: "scale" },
      { verb: "list", namespace: "", resource: "pods", group: "" },
    ]);
  });

  it("is not answered by a review without a status", async () => {
    const { access } = connectTo(await stub(json({ kind: "SubjectAccessReview", spec: {} }, 201)));
    const answer = await access.mayList({ namespace: "a", serviceAccount: "b" }, "endpoints");
    expect(failureOf(answer).code).toBe("InvalidAnswer");
  });
});

describe("the change that is no restart", () => {
  it("is a dry run of a label, sent once", async () => {
    const requests: { url: string; body: string }[] = [];
    const { access } = connectTo(
      await stub((request, response) => {
        let body = "";
        request.on("data", (chunk) => {
          body += chunk;
        });
        request.on("end", () => {
          requests.push({ url: request.url ?? "", body });
          response.writeHead(403).end(CANARY);
        });
      }),
    );
    const answer = await access.tryRelabel({ kind: "DaemonSet", namespace: "apisix", name: "edge" });
    expect(failureOf(answer).code).toBe("Forbidden");
    expect(JSON.stringify(answer)).not.toContain(CANARY);
    expect(requests.map(({ url }) => url)).toEqual([
      "/apis/apps/v1/namespaces/apisix/daemonsets/edge?fieldManager=apisix-token-guard&dryRun=All",
    ]);
    const { template } = JSON.parse(requests[0]?.body ?? "").spec;
    expect(Object.keys(template.metadata)).toEqual(["labels"]);
  });
});

describe("a patch", () => {
  const gateway = { kind: "Deployment", namespace: "apisix", name: "edge" } as const;
  const body = { metadata: { resourceVersion: "7", annotations: { note: CANARY } } };

  it("is a strategic merge under the guard's own name", async () => {
    const seen: unknown[] = [];
    const { restarter, dryRunRestarter } = connectTo(
      await stub((request, response) => {
        let text = "";
        request.on("data", (chunk) => {
          text += chunk;
        });
        request.on("end", () => {
          seen.push([request.method, request.url, request.headers["content-type"], JSON.parse(text)]);
          json({ kind: "Deployment" })(request, response);
        });
      }),
    );
    expect(await restarter.patch(gateway, body)).toEqual({ ok: true, value: null });
    expect(await dryRunRestarter.patch({ ...gateway, kind: "DaemonSet" }, body)).toEqual({ ok: true, value: null });
    const type = "application/strategic-merge-patch+json";
    const path = "/apis/apps/v1/namespaces/apisix";
    expect(seen).toEqual([
      ["PATCH", `${path}/deployments/edge?fieldManager=apisix-token-guard`, type, body],
      ["PATCH", `${path}/daemonsets/edge?fieldManager=apisix-token-guard&dryRun=All`, type, body],
    ]);
  });

  it.each<[string, RequestListener, ReadFailureCode]>([
    ["409", json(status(409), 409), "Conflict"],
    ["403", json(status(403), 403), "Forbidden"],
    ["422", json(status(422), 422), "Refused"],
    ["429 with a time to wait", json(status(429), 429, { "retry-after": "0" }), "Throttled"],
    ["503 with a time to wait", json(status(503), 503, { "retry-after": "0" }), "ServerError"],
    [
      "a web page",
      (_request, response) => response.writeHead(200, { "content-type": "text/html" }).end(CANARY),
      "InvalidAnswer",
    ],
    ["401", json(status(401), 401), "Unauthorized"],
    ["a connection that is reset", (request) => request.socket.destroy(), "Unreachable"],
    ["no answer", () => {}, "Timeout"],
  ])("is sent once, whatever comes of it: %s", async (_name, listener, code) => {
    let patches = 0;
    const { restarter, workloads } = connectTo(
      await stub((request, response) => {
        if (request.method !== "PATCH") return json(podList([]))(request, response);
        patches++;
        listener(request, response);
      }),
      { limits: limitsFor(code) },
    );
    // So that the patch meets a kept-alive connection.
    expect((await workloads.pods("a", "")).ok).toBe(true);
    const failure = failureOf(await restarter.patch(gateway, body));
    expect(failure).toMatchObject({ code, what: "patch Deployment apisix/edge" });
    expect(JSON.stringify(failure)).not.toContain(CANARY);
    expect(patches).toBe(1);
  });
});

describe("an event", () => {
  const event: WorkloadEvent = {
    name: "1-2.20260601t000000z.tokenguardcured",
    workload: { kind: "StatefulSet", namespace: "apisix", name: "edge", uid: "1-2" },
    cure: "restart",
    type: "Normal",
    reason: "TokenGuardCured",
    message: "Restart of 2026-06-01T00:00:00Z: cured.",
    at: Date.parse("2026-06-01T00:02:00Z"),
  };

  it("is one of core/v1 that both kinds of reader understand", async () => {
    const seen: unknown[] = [];
    const { restarter, dryRunRestarter } = connectTo(
      await stub(async (request, response) => {
        const chunks: Buffer[] = await request.toArray();
        seen.push([request.method, request.url, JSON.parse(Buffer.concat(chunks).toString())]);
        json({ kind: "Event" }, 201)(request, response);
      }),
    );
    expect(await restarter.createEvent(event)).toEqual({ ok: true, value: null });
    expect(await dryRunRestarter.createEvent(event)).toEqual({ ok: true, value: null });
    const body = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { namespace: "apisix", name: event.name },
      involvedObject: { apiVersion: "apps/v1", kind: "StatefulSet", namespace: "apisix", name: "edge", uid: "1-2" },
      type: "Normal",
      reason: "TokenGuardCured",
      message: event.message,
      eventTime: "2026-06-01T00:02:00.000000Z",
      firstTimestamp: "2026-06-01T00:02:00Z",
      lastTimestamp: "2026-06-01T00:02:00Z",
      count: 1,
      action: "Restart",
      source: { component: "apisix-token-guard" },
      reportingComponent: "apisix-token-guard",
      reportingInstance: "apisix-token-guard",
    };
    const path = "/api/v1/namespaces/apisix/events?fieldManager=apisix-token-guard";
    expect(seen).toEqual([
      ["POST", path, body],
      ["POST", `${path}&dryRun=All`, body],
    ]);
  });

  it("that is there already is left", async () => {
    const { restarter } = connectTo(await stub(json(status(409), 409)));
    expect(await restarter.createEvent(event)).toEqual({ ok: true, value: null });
  });

  it.each<[string, RequestListener, ReadFailureCode]>([
    ["403", json(status(403), 403), "Forbidden"],
    ["422", json(status(422), 422), "Refused"],
    ["429 with a time to wait", json(status(429), 429, { "retry-after": "0" }), "Throttled"],
    ["503 with a time to wait", json(status(503), 503, { "retry-after": "0" }), "ServerError"],
    ["a connection that is reset", (request) => request.socket.destroy(), "Unreachable"],
    ["no answer", () => {}, "Timeout"],
  ])("is sent once, whatever comes of it: %s", async (_name, listener, code) => {
    let posts = 0;
    const { restarter } = connectTo(
      await stub((request, response) => {
        posts++;
        listener(request, response);
      }),
      { limits: limitsFor(code) },
    );
    const failure = failureOf(await restarter.createEvent(event));
    expect(failure).toMatchObject({ code, what: "create an event of StatefulSet apisix/edge" });
    expect(JSON.stringify(failure)).not.toContain(CANARY);
    expect(posts).toBe(1);
  });

  it("is waited for three seconds, however long anything else may take", async () => {
    const { restarter } = connectTo(await stub(() => {}), { limits: { answerTimeout: 60_000 } });
    const begun = performance.now();
    expect(failureOf(await restarter.createEvent(event))).toMatchObject({
      code: "Timeout",
      message: expect.stringContaining("within 3 s"),
    });
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});

describe("a log", () => {
  const text =
    (write: (response: Parameters<RequestListener>[1]) => void): RequestListener =>
    (_request, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      write(response);
    };

  it("is asked for with time stamps, window and limit", async () => {
    const urls: string[] = [];
    const { logs } = connectTo(
      await stub((request, response) => {
        urls.push(request.url ?? "");
        text((answer) => answer.end("2026-06-01T00:00:00Z hello\n"))(request, response);
      }),
    );
    const chunks: string[] = [];
    const answer = await logs.read(LOG, (chunk) => chunks.push(Buffer.from(chunk).toString()));
    expect(answer).toEqual({ ok: true, value: { at: expect.any(Number), bytes: 27, capped: false } });
    expect(chunks.join("")).toBe("2026-06-01T00:00:00Z hello\n");
    await logs.read({ ...LOG, sinceSeconds: null, limitBytes: 400 }, () => {});
    expect(urls).toEqual([
      "/api/v1/namespaces/apisix/pods/apisix-0/log?container=apisix&timestamps=true&sinceSeconds=140",
      "/api/v1/namespaces/apisix/pods/apisix-0/log?container=apisix&timestamps=true&limitBytes=400",
    ]);
  });

  it.each([
    { size: 999, bytes: 999, capped: false },
    { size: 1_000, bytes: 1_000, capped: false },
    { size: 1_001, bytes: 1_000, capped: true },
  ])("of $size bytes gives $bytes bytes under a cap of 1000", async ({ size, bytes, capped }) => {
    const { logs } = connectTo(await stub(text((response) => response.end("x".repeat(size)))));
    let seen = 0;
    const answer = await logs.read(LOG, (chunk) => {
      seen += chunk.length;
    });
    expect(answer).toMatchObject({ ok: true, value: { bytes, capped } });
    expect(seen).toBe(bytes);
  });

  it("that never ends is cut off at the byte limit, and the connection ended", async () => {
    let closed = () => {};
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const { logs } = connectTo(
      await stub(
        text((response) => {
          const timer = setInterval(() => response.write("x".repeat(100)), 1);
          response.on("close", () => {
            clearInterval(timer);
            closed();
          });
        }),
      ),
    );
    expect(await logs.read(LOG, () => {})).toMatchObject({ ok: true, value: { bytes: 1_000, capped: true } });
    await gone;
  });

  it("that trickles is cut off at the time limit", async () => {
    const { logs } = connectTo(await stub(text((response) => response.write("a line\n"))));
    const answer = await logs.read({ ...LOG, maxTime: 100 }, () => {});
    expect(answer).toMatchObject({ ok: true, value: { bytes: 7, capped: true } });
  });

  it("that breaks off is a failure, not a short log", async () => {
    const { logs } = connectTo(
      await stub(text((response) => response.write(CANARY, () => response.socket?.destroy()))),
    );
    const failure = failureOf(await logs.read(LOG, () => {}));
    expect(failure.code).toBe("Unreachable");
    expect(JSON.stringify(failure)).not.toContain(CANARY);
  });

  it("whose reader fails is a failure, and the process lives", async () => {
    const { logs } = connectTo(await stub(text((response) => response.end("a line\n"))));
    const answer = await logs.read(LOG, () => {
      throw new Error(CANARY);
    });
    expect(JSON.stringify(failureOf(answer))).not.toContain(CANARY);
  });

  it.each<[string, RequestListener, ReadFailureCode, RegExp]>([
    ["of a waiting container", json(status(400), 400), "Refused", /waiting to start/],
    ["of a pod that is gone", json(status(404), 404), "NotFound", /no longer/],
    ["whose kubelet is not reached", json(status(500), 500), "ServerError", /kubelet/],
    [
      "that is a web page",
      (_request, response) => response.writeHead(200, { "content-type": "text/html" }).end(CANARY),
      "InvalidAnswer",
      /plain text/,
    ],
    [
      "without a Date header",
      (_request, response) => {
        response.sendDate = false;
        response.writeHead(200, { "content-type": "text/plain" }).end(CANARY);
      },
      "InvalidAnswer",
      /Date/,
    ],
  ])("%s is told apart", async (_name, listener, code, message) => {
    const { logs } = connectTo(await stub(listener));
    const failure = failureOf(await logs.read(LOG, () => {}));
    expect(failure).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(failure.what).toBe("read the log of container apisix of pod apisix/apisix-0");
    expect(JSON.stringify(failure)).not.toContain(CANARY);
  });
});

describe("the sign-in", () => {
  it("is asked for every request, so that a short-lived token is renewed", async () => {
    const seen: (string | undefined)[] = [];
    const server = await stub((request, response) => {
      seen.push(request.headers.authorization);
      json(podList([]))(request, response);
    });
    let calls = 0;
    const { workloads } = connectTo(server, {
      authenticate: async () => ({ headers: { authorization: `Bearer ${++calls}` } }),
    });
    await workloads.pods("a", "");
    await workloads.pods("a", "");
    expect(seen).toEqual(["Bearer 1", "Bearer 2"]);
  });

  it.each(["GET", "PATCH"])("is asked again when it is not accepted, and the %s sent once more", async (method) => {
    const seen: unknown[] = [];
    const server = await stub((request, response) => {
      seen.push([request.method, request.headers.authorization]);
      const isNew = request.headers.authorization === "Bearer new";
      (isNew ? json(podList([])) : json(status(401), 401))(request, response);
    });
    const { workloads, restarter } = connectTo(server, {
      authenticate: async (refused) => ({
        headers: { authorization: refused === undefined ? "Bearer old" : "Bearer new" },
      }),
    });
    const answer =
      method === "GET"
        ? await workloads.pods("a", "")
        : await restarter.patch(
            { kind: "Deployment", namespace: "a", name: "b" },
            { metadata: { resourceVersion: "7", annotations: {} } },
          );
    expect(answer.ok).toBe(true);
    expect(seen).toEqual([
      [method, "Bearer old"],
      [method, "Bearer new"],
    ]);
  });

  it("is not tried more than twice", async () => {
    let seen = 0;
    const server = await stub((request, response) => {
      seen++;
      json(status(401), 401)(request, response);
    });
    let calls = 0;
    const { workloads } = connectTo(server, {
      authenticate: async () => ({ headers: { authorization: `Bearer ${++calls}` } }),
    });
    expect(failureOf(await workloads.pods("a", "")).code).toBe("Unauthorized");
    expect(seen).toBe(2);
  });

  it("is told in its own words when it fails with one of ours, and without words otherwise", async () => {
    const server = await stub(json(podList([])));
    const ours = connectTo(server, {
      authenticate: async () => {
        throw new GuardError("SignInFailed", "Sign in with aws sso login.");
      },
    });
    expect(failureOf(await ours.workloads.pods("a", ""))).toMatchObject({
      code: "Unauthorized",
      message: "Sign in with aws sso login.",
    });
    const foreign = connectTo(server, {
      authenticate: async () => {
        throw new Error(CANARY);
      },
    });
    const failure = failureOf(await foreign.workloads.pods("a", ""));
    expect(failure.code).toBe("Unauthorized");
    expect(JSON.stringify(failure)).not.toContain(CANARY);
  });

  it.each<[string, RequestCredentials]>([
    ["the client certificate cannot be read", { headers: {}, clientCertificate: { certificate: CANARY, key: CANARY } }],
    ["the token holds a line break", { headers: { authorization: `Bearer ${CANARY}\n` } }],
  ])("is what failed when %s", async (_name, credentials) => {
    const { workloads } = connectTo(await stub(json(podList([]))), { authenticate: async () => credentials });
    const failure = failureOf(await workloads.pods("a", ""));
    expect(failure.code).toBe("Unauthorized");
    expect(JSON.stringify(failure)).not.toContain(CANARY);
  });
});

describe("an address with http://", () => {
  it("reaches a local proxy, without a warning", async () => {
    const server = await stub(json(podList(["a"])), { tls: false });
    const cluster = connectTo(server);
    expect((await cluster.workloads.pods("a", "")).ok).toBe(true);
    expect(cluster.warnings).toEqual([]);
  });

  it("of another machine is used with a warning", () => {
    const cluster = connect({ server: "http://10.0.0.1:8001", ca: null, authenticate: async () => ({ headers: {} }) });
    expect(cluster.warnings).toEqual([expect.stringContaining("not encrypted")]);
  });

  it("keeps the path in front of the API for every request", async () => {
    const urls: string[] = [];
    const server = await stub(
      (request, response) => {
        urls.push(request.url ?? "");
        json(podList([]))(request, response);
      },
      { tls: false },
    );
    const cluster = connectTo({ ...server, url: `${server.url}/k8s/clusters/c-1/` });
    await cluster.workloads.pods("a", "x");
    await cluster.logs.read(LOG, () => {});
    expect(urls.map((url) => url.split("?")[0])).toEqual([
      "/k8s/clusters/c-1/api/v1/namespaces/a/pods",
      "/k8s/clusters/c-1/api/v1/namespaces/apisix/pods/apisix-0/log",
    ]);
  });
});
