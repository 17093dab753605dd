import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { inCluster } from "../../src/adapters/kubeconfig/in-cluster.ts";
import { fromContext, listContexts } from "../../src/adapters/kubeconfig.ts";
import { GuardError } from "../../src/model/errors.ts";
import { createAuthority } from "../support/control-plane/boot/certificates.ts";

/** Stands for every secret in a kubeconfig or a plugin's output. */
const CANARY = "canary-5ecr3t";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kubeconfig-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function write(name: string, content: string | object): string {
  const file = join(directory, name);
  writeFileSync(file, typeof content === "string" ? content : stringify(content));
  return file;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const authority = createAuthority("ca");

/** One context `prod` with the given cluster and user fields. */
const kubeconfig = (user: object = {}, cluster: object = {}) => ({
  "current-context": "prod",
  contexts: [{ name: "prod", context: { cluster: "c", user: "u" } }],
  clusters: [{ name: "c", cluster: { server: "https://api.example.com:6443", ...cluster } }],
  users: [{ name: "u", user }],
});

const source = (file: string | null, environment: Record<string, string | undefined> = {}) => ({
  file,
  environment: { PATH: process.env.PATH, HOME: directory, ...environment },
});

async function refusal(run: () => unknown): Promise<GuardError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof GuardError) {
      expect(JSON.stringify({ ...error, message: error.message, cause: String(error.cause) })).not.toContain(CANARY);
      return error;
    }
    throw error;
  }
  throw new Error("expected a refusal");
}

const open = (user: object, cluster: object = {}) => fromContext(source(write("config", kubeconfig(user, cluster))));
const credentials = async (user: object, cluster: object = {}) => (await open(user, cluster)).authenticate();

describe("the file", () => {
  it("is the one given, whatever KUBECONFIG says", () => {
    const file = write("given", kubeconfig());
    expect(listContexts(source(file, { KUBECONFIG: "/nowhere" }))).toEqual({ names: ["prod"], current: "prod" });
  });

  it("is one of several in KUBECONFIG, where a missing one is skipped and the first of a name counts", async () => {
    const first = write("first", { ...kubeconfig({ token: "one" }), "current-context": "" });
    const second = write("second", {
      ...kubeconfig({ token: "two" }),
      "current-context": "prod",
      contexts: [
        { name: "prod", context: { cluster: "c", user: "other" } },
        { name: "test", context: { cluster: "c", user: "u" } },
      ],
    });
    const env = { KUBECONFIG: [first, "/nowhere/at/all", second].join(delimiter) };
    expect(listContexts(source(null, env))).toEqual({ names: ["prod", "test"], current: "prod" });
    const connection = await fromContext(source(null, env));
    expect((await connection.authenticate()).headers).toEqual({ authorization: "Bearer one" });
    const third = write("third", { "current-context": "test" });
    expect(listContexts(source(null, { KUBECONFIG: [second, third].join(delimiter) })).current).toBe("prod");
  });

  it("is ~/.kube/config when nothing is said", () => {
    mkdirSync(join(directory, ".kube"));
    write(".kube/config", kubeconfig());
    expect(listContexts(source(null)).names).toEqual(["prod"]);
  });

  it.each<[string, () => ReturnType<typeof source>, RegExp]>([
    ["is missing", () => source(join(directory, "gone")), /gone cannot be read \(ENOENT\)/],
    ["is a directory", () => source(directory), /cannot be read \(EISDIR\)/],
    ["is none of KUBECONFIG", () => source(null, { KUBECONFIG: "/nowhere" }), /KUBECONFIG exists \(\/nowhere\)/],
    ["is nowhere", () => source(null), /No kubeconfig found/],
    [
      "is not YAML",
      () => source(write("bad", `users:\n  - token: "${CANARY}\n   x: [`)),
      /bad is not valid YAML \(line \d+, column \d+\)/,
    ],
    ["is empty", () => source(write("empty", "")), /empty is not what a kubeconfig holds/],
    ["is something else", () => source(write("else", "- a\n- b\n")), /must be object/],
    [
      "has a list that is none",
      () => source(write("lists", { contexts: CANARY })),
      /lists is not what a kubeconfig holds: contexts must be array/,
    ],
    ["resolves no alias", () => source(write("alias", "contexts: *nothing\n")), /alias is not/],
  ])("is refused when it %s", async (_name, from, message) => {
    const error = await refusal(() => fromContext(from()));
    expect(error).toMatchObject({ code: "BadKubeconfig", message: expect.stringMatching(message) });
    expect((await refusal(() => listContexts(from()))).message).toBe(error.message);
  });
});

describe("the context", () => {
  it("is the one asked for", async () => {
    const file = write("config", {
      ...kubeconfig(),
      contexts: [
        { name: "prod", context: { cluster: "c", user: "u" } },
        { name: "test", context: { cluster: "c" } },
      ],
    });
    expect((await fromContext(source(file), "test")).name).toBe("test");
  });

  it.each<[string, object, string | undefined, RegExp]>([
    ["is unknown", kubeconfig(), "tset", /no context "tset" in .*config; choose one of: prod\.$/],
    [
      "is not chosen",
      { ...kubeconfig(), "current-context": "" },
      undefined,
      /no context as current; give --context, choose one of: prod/,
    ],
    ["is not there at all", { contexts: [] }, "prod", /no context "prod" in .*; it holds no context/],
    [
      "lacks its cluster",
      { ...kubeconfig(), clusters: [] },
      undefined,
      /Context "prod" in .* refers to the cluster "c", which is not there/,
    ],
    ["lacks its user", { ...kubeconfig(), users: [] }, undefined, /refers to the user "u", which is not there/],
    [
      "has no content",
      { ...kubeconfig(), contexts: [{ name: "prod" }] },
      undefined,
      /Context "prod" in .* is not what/,
    ],
    [
      "has a cluster without a server",
      { ...kubeconfig(), clusters: [{ name: "c", cluster: {} }] },
      undefined,
      /cluster "c" in .*server must be string/,
    ],
    ["has a token that is none", kubeconfig({ token: 7 }), undefined, /user "u" in .*token must be string/],
  ])("is refused when it %s", async (_name, content, context, message) => {
    const error = await refusal(() => fromContext(source(write("config", content)), context));
    expect(error).toMatchObject({ code: "BadKubeconfig", message: expect.stringMatching(message) });
  });

  it("is usable beside others that are broken", async () => {
    const file = write("config", {
      ...kubeconfig(),
      contexts: [{ name: "broken" }, { name: "prod", context: { cluster: "c", user: "u" } }],
      users: [{ name: "other", user: { token: 7 } }, { name: "u" }],
    });
    expect((await fromContext(source(file))).name).toBe("prod");
  });
});

describe("the cluster", () => {
  it("gives server, CA and how to verify it", async () => {
    const connection = await open(
      {},
      {
        "certificate-authority-data": base64(authority.certificate),
        "tls-server-name": "kubernetes",
        "insecure-skip-tls-verify": true,
      },
    );
    expect(connection).toMatchObject({
      server: "https://api.example.com:6443",
      ca: Buffer.from(authority.certificate),
      tlsServerName: "kubernetes",
      insecureSkipTlsVerify: true,
    });
  });

  it("finds its CA beside the kubeconfig", async () => {
    write("ca.crt", authority.certificate);
    const connection = await open({}, { "certificate-authority": "ca.crt" });
    expect(connection.ca).toEqual(Buffer.from(authority.certificate));
  });

  it.each<[string, object, RegExp]>([
    ["is missing", { "certificate-authority": "gone.crt" }, /gone\.crt, named in .*, cannot be read \(ENOENT\)/],
    [
      "is none",
      { "certificate-authority-data": base64(CANARY) },
      /certificate authority of the cluster "c" in .* is not a certificate/,
    ],
  ])("is refused when its CA %s", async (_name, cluster, message) => {
    const error = await refusal(() => open({}, cluster));
    expect(error).toMatchObject({ code: "BadKubeconfig", message: expect.stringMatching(message) });
  });
});

describe("the proxy", () => {
  const proxyOf = async (cluster: object, environment = {}) =>
    (await fromContext(source(write("config", kubeconfig({}, cluster)), environment))).proxy;

  it.each<[string, object, Record<string, string>, object | undefined]>([
    ["none", {}, {}, undefined],
    [
      "proxy-url",
      { "proxy-url": "http://proxy:3128" },
      { HTTPS_PROXY: "http://other" },
      { HTTPS_PROXY: "http://proxy:3128", HTTP_PROXY: "http://proxy:3128" },
    ],
    [
      "HTTPS_PROXY with its exceptions",
      {},
      { HTTPS_PROXY: "http://proxy", NO_PROXY: ".local" },
      { HTTPS_PROXY: "http://proxy", NO_PROXY: ".local" },
    ],
    ["https_proxy", {}, { https_proxy: "http://proxy" }, { HTTPS_PROXY: "http://proxy" }],
    ["HTTP_PROXY, which is not for https", {}, { HTTP_PROXY: "http://proxy" }, undefined],
    ["none for this machine", { server: "https://127.0.0.1:6443" }, { HTTPS_PROXY: "http://proxy" }, undefined],
  ])("is taken from %s", async (_name, cluster, environment, proxy) => {
    expect(await proxyOf(cluster, environment)).toEqual(proxy);
  });

  it.each(["socks5://proxy:1080", `nonsense ${CANARY}`, `ftp://u:${CANARY}@proxy`])(
    "is refused when it is %s",
    async (url) => {
      const error = await refusal(() => proxyOf({ "proxy-url": url }));
      expect(error).toMatchObject({ code: "BadKubeconfig", message: expect.stringContaining("proxy-url of cluster") });
      expect((await refusal(() => proxyOf({}, { HTTPS_PROXY: url }))).message).toContain("HTTPS_PROXY must be");
    },
  );
});

describe("the sign-in", () => {
  const pair = authority.issue({ commonName: "me" });

  it.each<[string, object, object]>([
    ["nothing", {}, {}],
    ["a token", { token: `${CANARY}\n` }, { authorization: `Bearer ${CANARY}` }],
    [
      "a name and a password",
      { username: "me", password: "secret" },
      { authorization: `Basic ${base64("me:secret")}` },
    ],
    [
      "somebody else's identity",
      { token: "t", as: "jane", "as-uid": "7", "as-groups": ["a", "b"], "as-user-extra": { "Example.com/x": ["1"] } },
      {
        authorization: "Bearer t",
        "impersonate-user": "jane",
        "impersonate-uid": "7",
        "impersonate-group": ["a", "b"],
        "impersonate-extra-example.com%2fx": ["1"],
      },
    ],
  ])("with %s", async (_name, user, headers) => {
    expect(await credentials(user)).toEqual({ headers });
  });

  it("with a token file follows the file", async () => {
    const file = write("token", "first\n");
    const { authenticate } = await open({ tokenFile: "token", token: "ignored" });
    expect((await authenticate()).headers).toEqual({ authorization: "Bearer first" });
    writeFileSync(file, "second");
    expect((await authenticate()).headers).toEqual({ authorization: "Bearer second" });
    rmSync(file);
    expect(await refusal(authenticate)).toMatchObject({
      code: "SignInFailed",
      message: expect.stringContaining(`${file} cannot be read (ENOENT)`),
    });
  });

  it("with a client certificate, as data or as files", async () => {
    const expected = { certificate: Buffer.from(pair.certificate), key: Buffer.from(pair.key) };
    const data = { "client-certificate-data": base64(pair.certificate), "client-key-data": base64(pair.key) };
    expect(await credentials(data)).toEqual({ headers: {}, clientCertificate: expected });
    write("me.crt", pair.certificate);
    write("me.key", pair.key);
    expect(await credentials({ "client-certificate": "me.crt", "client-key": "me.key" })).toEqual({
      headers: {},
      clientCertificate: expected,
    });
  });

  it.each<[string, object, RegExp]>([
    [
      "is no PEM",
      { "client-certificate-data": base64(CANARY), "client-key-data": base64(CANARY) },
      /cannot be used \(ERR_OSSL/,
    ],
    [
      "does not belong to its key",
      {
        "client-certificate-data": base64(pair.certificate),
        "client-key-data": base64(authority.issue({ commonName: "x" }).key),
      },
      /belong together/,
    ],
    ["is missing", { "client-certificate": "gone", "client-key": "gone" }, /gone, named in .*ENOENT/],
  ])("with a client certificate that %s is refused", async (_name, user, message) => {
    expect(await refusal(() => open(user))).toMatchObject({
      code: "BadKubeconfig",
      message: expect.stringMatching(message),
    });
  });

  const jwt = (claims: object) =>
    `${base64("{}")}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.${CANARY}`;
  const oidc = (idToken: unknown) => ({
    "auth-provider": { name: "oidc", config: { "id-token": idToken, "refresh-token": CANARY } },
  });

  it("with OpenID Connect uses the token in the file while it lasts", async () => {
    const token = jwt({ exp: Date.now() / 1000 + 60 });
    expect(await credentials(oidc(token))).toEqual({ headers: { authorization: `Bearer ${token}` } });
  });

  it.each<[string, object, "BadKubeconfig" | "SignInFailed", RegExp]>([
    [
      "has expired",
      oidc(jwt({ exp: 1 })),
      "SignInFailed",
      /user "u" in .* has expired; renew it with any kubectl command/,
    ],
    ["never says when it expires", oidc(jwt({})), "SignInFailed", /has expired/],
    ["is no JWT", oidc(CANARY), "SignInFailed", /has expired/],
    ["is not there", oidc(undefined), "SignInFailed", /has expired/],
    [
      "is of a provider kubectl dropped",
      { "auth-provider": { name: "gcp" } },
      "BadKubeconfig",
      /"gcp" of user "u" .* use an exec plugin/,
    ],
  ])("with an auth-provider whose token %s is refused", async (_name, user, code, message) => {
    expect(await refusal(() => open(user))).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

describe("a credential plugin", () => {
  /** A plugin that runs this program text. */
  const exec = (program: string, more: object = {}) => ({
    exec: { apiVersion: "client.authentication.k8s.io/v1", command: process.execPath, args: ["-e", program], ...more },
  });
  const prints = (status: object) =>
    exec(`console.log(${JSON.stringify(JSON.stringify({ kind: "ExecCredential", status }))})`);

  it("gives a token", async () => {
    expect((await credentials(prints({ token: "abc" }))).headers).toEqual({ authorization: "Bearer abc" });
  });

  it("gives a client certificate", async () => {
    const { clientCertificate } = await credentials(prints({ clientCertificateData: "cert", clientKeyData: "key" }));
    expect(clientCertificate).toEqual({ certificate: "cert", key: "key" });
  });

  it("runs once for many requests, and again when its token is about to expire", async () => {
    const count = join(directory, "count");
    const counting = (expirationTimestamp: string) =>
      exec(`require("fs").appendFileSync(${JSON.stringify(count)}, "x");
        console.log(JSON.stringify({ kind: "ExecCredential", status: {
          token: require("fs").readFileSync(${JSON.stringify(count)}, "utf8"), expirationTimestamp: "${expirationTimestamp}" } }))`);
    const lasting = await open(counting("2999-01-01T00:00:00Z"));
    const answers = await Promise.all([1, 2, 3].map(() => lasting.authenticate()));
    expect(answers.map(({ headers }) => headers.authorization)).toEqual(["Bearer x", "Bearer x", "Bearer x"]);
    const ending = await open(counting(new Date(Date.now() + 30_000).toISOString()));
    expect((await ending.authenticate()).headers.authorization).toBe("Bearer xxx");
  });

  it("gets the environment, its own variables, and is told that nobody can answer questions", async () => {
    const program = `const { PROFILE, REGION, KUBERNETES_EXEC_INFO } = process.env;
      const token = [PROFILE, REGION, KUBERNETES_EXEC_INFO].join(" ");
      console.log(JSON.stringify({ kind: "ExecCredential", status: { token } }))`;
    const user = exec(program, { env: [{ name: "PROFILE", value: "prod" }], provideClusterInfo: true });
    const from = source(write("config", kubeconfig(user)), { PROFILE: "overridden", REGION: "eu-west-1" });
    const { headers } = await (await fromContext(from)).authenticate();
    const [, profile, region, info] = /^Bearer (\S+) (\S+) (.*)$/.exec(String(headers.authorization)) ?? [];
    expect([profile, region]).toEqual(["prod", "eu-west-1"]);
    expect(JSON.parse(info ?? "")).toEqual({
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      spec: { interactive: false, cluster: { server: "https://api.example.com:6443" } },
    });
  });

  it("does not write to the guard's own terminal", async () => {
    const file = write("config", kubeconfig(exec(`console.error("${CANARY}"); process.exit(7)`)));
    const adapter = new URL("../../src/adapters/kubeconfig.ts", import.meta.url);
    const program = `import { fromContext } from "${adapter}";
      await fromContext({ file: "${file}", environment: process.env }).catch((error) => console.log(error.code));`;
    const child = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
    expect(child).toMatchObject({ stdout: "SignInFailed\n", stderr: "" });
  });

  it("is looked up beside the kubeconfig when its path is relative", async () => {
    mkdirSync(join(directory, "bin"));
    const script = join(directory, "bin", "sign-in");
    writeFileSync(script, `#!/bin/sh\necho '{"kind":"ExecCredential","status":{"token":"beside"}}'\n`, { mode: 0o755 });
    const { headers } = await credentials({ exec: { apiVersion: "v1", command: "bin/sign-in" } });
    expect(headers).toEqual({ authorization: "Bearer beside" });
  });

  it.each<[string, object, "BadKubeconfig" | "SignInFailed", RegExp]>([
    [
      "is not found",
      { exec: { apiVersion: "v1", command: "no-such-command" } },
      "BadKubeconfig",
      /"no-such-command" of user "u" in .* is not found/,
    ],
    ["cannot be run", { exec: { apiVersion: "v1", command: "/" } }, "BadKubeconfig", /cannot be run \(EACCES\)/],
    ["has no command", { exec: { apiVersion: "v1" } }, "BadKubeconfig", /exec\.command must be string/],
    [
      "fails",
      exec(`console.error("${CANARY}"); process.exit(7)`),
      "SignInFailed",
      /failed with exit code 7; run it by hand/,
    ],
    ["is ended", exec(`process.kill(process.pid, "SIGTERM")`), "SignInFailed", /was ended by SIGTERM/],
    ["prints nothing", exec(""), "SignInFailed", /printed no ExecCredential/],
    ["prints something else", exec(`console.log("${CANARY}")`), "SignInFailed", /printed no ExecCredential/],
    [
      "prints too much",
      exec(`process.stdout.write("${CANARY}".repeat(1e6)); setTimeout(() => {}, 60_000)`),
      "SignInFailed",
      /was ended by SIGKILL/,
    ],
    ["prints no credential", prints({ expirationTimestamp: CANARY }), "SignInFailed", /printed no ExecCredential/],
  ])("that %s is a refusal without its words", async (_name, user, code, message) => {
    const error = await refusal(() => open(user));
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it("that failed once is asked again", async () => {
    const flag = join(directory, "signed-in");
    const { authenticate } = await open(
      exec(`const fs = require("fs");
        if (fs.existsSync(${JSON.stringify(flag)})) process.exit(1);
        console.log(JSON.stringify({ kind: "ExecCredential", status: { token: "t", expirationTimestamp: "2000-01-01T00:00:00Z" } }))`),
    );
    writeFileSync(flag, "");
    expect((await refusal(authenticate)).code).toBe("SignInFailed");
    rmSync(flag);
    expect((await authenticate()).headers.authorization).toBe("Bearer t");
  });
});

describe("inside a Pod", () => {
  it("the Pod's own ServiceAccount is used when there is no kubeconfig", async () => {
    const token = write("token", "pod-token");
    write("ca.crt", authority.certificate);
    const connection = inCluster({ KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" }, directory);
    expect(connection).toMatchObject({ server: "https://[fd00::1]:443", ca: Buffer.from(authority.certificate) });
    expect(await connection?.authenticate()).toEqual({ headers: { authorization: "Bearer pod-token" } });
    rmSync(token);
    expect(inCluster({ KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" }, directory)).toBeNull();
  });

  it("and nothing outside of one", () => {
    write("token", "pod-token");
    expect(inCluster({}, directory)).toBeNull();
  });
});
