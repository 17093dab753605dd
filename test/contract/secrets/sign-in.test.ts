import { chmod } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type PlantedApi, startPlantedApi } from "../../support/canaries/api.ts";
import { type Command, startCommand } from "../../support/canaries/command.ts";
import { expectNoLeak, plantedIn } from "../../support/canaries/finder.ts";
import { CANARIES, KINDS } from "../../support/canaries/inventory.ts";
import { GATEWAYS, plantedCluster } from "../../support/canaries/planted.ts";
import { createAuthority } from "../../support/control-plane/boot/certificates.ts";
import { serve } from "../../support/stub-server.ts";

const { certificate, key } = createAuthority("clients").issue({ commonName: "somebody" });
const base64 = (text: string) => Buffer.from(text).toString("base64");
const KEY = base64(key);

let command: Command;
let api: PlantedApi;
let overTls: PlantedApi;
const given: string[] = [];
beforeAll(async () => {
  command = await startCommand();
  await command.file("token", `${CANARIES.tokenFile}\n`);
  await command.file("plugin.mjs", PLUGIN);
  await chmod(await command.file("plain.txt", ""), 0o600);
  api = await startPlantedApi(plantedCluster([GATEWAYS.refused]));
  overTls = await startPlantedApi(plantedCluster([GATEWAYS.refused]), { tls: true });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([api.close(), overTls.close(), command.remove()]);
});
const closers: (() => unknown)[] = [];
afterEach(async () => {
  api.fail(null);
  for (const close of closers.splice(0)) await close();
});

/** Prints what its first argument says, whatever else it is told. */
const PLUGIN = `
const [says, code = "0"] = process.argv.slice(2);
process.stderr.write(${JSON.stringify(CANARIES.pluginStderr)} + "\\n");
process.stdout.write(says);
process.exitCode = Number(code);
`;
const credential = (status: object) =>
  JSON.stringify({ apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status });
const plugin = (says: string, code = "0") => ({
  exec: {
    apiVersion: "client.authentication.k8s.io/v1",
    command: process.execPath,
    args: ["plugin.mjs", says, code, CANARIES.pluginArgument],
    env: [{ name: "PLUGIN_PASSWORD", value: CANARIES.pluginEnvironment }],
  },
});
const provider = (config: object, name = "oidc") => ({ "auth-provider": { name, config } });

/** A kubeconfig for this server, with this user. */
async function signInAs(user: unknown, cluster: object = { server: api.url }): Promise<string> {
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "prod",
    contexts: [{ name: "prod", context: { cluster: "prod", user: "somebody" } }],
    clusters: [{ name: "prod", cluster }],
    users: [{ name: "somebody", user }],
  };
  const text = JSON.stringify(config).replaceAll("plugin.mjs", `${command.folder}/plugin.mjs`);
  given.push(text);
  return command.file("kubeconfig", text);
}

/** Where a cluster that fails is a result, where it ends the run, and where it is a line of a checklist. */
const VERBS = ["check", "refresh edge/checkout --dry-run", "doctor"];

/** What a verb prints. */
const run = (verb: string, file: string) => command.run([...verb.split(" "), "--kubeconfig", file]);

function expectSilence(printed: string, where: string): void {
  expectNoLeak(printed, where);
  expect(printed).not.toContain("--password");
  for (const secret of [KEY, key]) expect(printed).not.toContain(secret.slice(40, 60));
}

/** Every way to sign in. */
const USERS: Readonly<Record<string, object>> = {
  "a token": { token: CANARIES.token },
  "a token in a file": { tokenFile: "token" },
  "OpenID Connect": provider({
    "id-token": CANARIES.idToken,
    "refresh-token": CANARIES.refreshToken,
    "client-secret": CANARIES.clientSecret,
  }),
  "a password": { username: "somebody", password: CANARIES.password },
  "a plugin": plugin(credential({ token: CANARIES.pluginToken })),
  "a plugin that gives a key": plugin(credential({ clientCertificateData: certificate, clientKeyData: key })),
  "a client certificate": { "client-certificate-data": base64(certificate), "client-key-data": KEY },
  impersonation: {
    token: CANARIES.token,
    as: "somebody-else",
    "as-user-extra": { reason: [CANARIES.impersonationExtra] },
  },
};

describe("a sign-in", () => {
  const rows = [...Object.keys(USERS).map((user) => ["check", user]), ...VERBS.map((verb) => [verb, "a token"])];
  it.each(rows)("leaks nothing: %s with %s, accepted and refused", async (verb = "", user = "") => {
    const file = await signInAs(USERS[user]);
    const accepted = await run(verb, file);
    expect(accepted).toContain("edge/");
    expectSilence(accepted, user);
    api.fail({ question: "version", answer: "401" });
    const refused = await run(verb, file);
    expect(refused).toContain("SignInFailed");
    expectSilence(refused, `${user}, refused`);
  });

  it("was given every canary of it, and showed the API server no other", () => {
    const { signIn } = KINDS;
    const planted = plantedIn(`${given.join("\n")}${PLUGIN}${CANARIES.tokenFile}`);
    const elsewhere = ["proxyPassword", "pluginStdout"];
    expect(signIn.filter((name) => !planted.has(name) && !elsewhere.includes(name))).toEqual([]);
    const shown = ["token", "tokenFile", "idToken", "password", "pluginToken", "impersonationExtra"];
    expect([...plantedIn(api.signIns())].toSorted()).toEqual(shown.toSorted());
    expectNoLeak(api.received(), "what is sent beside the sign-in");
  });

  const { pluginStdout, token, proxyPassword, pastedToken, pastedKey, password } = CANARIES;
  const broken: readonly (readonly [name: string, user: unknown, cluster?: object])[] = [
    ["a plugin that fails", plugin(pluginStdout, "3")],
    ["a plugin that prints a text", plugin(pluginStdout)],
    ["a plugin that prints JSON", plugin(JSON.stringify({ token: pluginStdout }))],
    ["a plugin without a credential", plugin(credential({ token: "", expirationTimestamp: pluginStdout }))],
    ["a plugin whose credential is none", plugin(credential({ token: { value: pluginStdout } }))],
    [
      "a plugin whose key is none",
      plugin(credential({ clientCertificateData: certificate, clientKeyData: pluginStdout })),
      { server: "https://127.0.0.1:9" },
    ],
    ["a plugin whose token has a line break", plugin(credential({ token: `${pluginStdout}\n${pluginStdout}` }))],
    ["a plugin with a password in its command", { exec: { apiVersion: "v1", command: `get --password ${password}` } }],
    ["a plugin that is a token", { exec: { apiVersion: "v1", command: pastedToken } }],
    ["a plugin that may not be run", { exec: { apiVersion: "v1", command: "./plain.txt", args: [password] } }],
    ["a token for the path of its file", { tokenFile: pastedToken }],
    ["a token with a line break", { token: `${token}\n${token}` }],
    ["a key for the path of its file", { "client-certificate-data": base64(certificate), "client-key": pastedKey }],
    ["a certificate for the path of its file", { "client-certificate": pastedKey, "client-key-data": KEY }],
    ["a key that is none", { "client-certificate-data": base64(certificate), "client-key-data": pastedKey }],
    ["a key of another certificate", { "client-certificate-data": pastedKey, "client-key-data": KEY }],
    ["an expired sign-in", provider({ "id-token": `x.${base64('{"exp":1}')}.${token}`, "refresh-token": token })],
    ["an id token that is none", provider({ "id-token": password, "client-secret": password })],
    ["a provider that is a token", provider({ "access-token": token }, pastedToken)],
    ["a token that is a list", { token: [token] }],
    ["a user that is a token", token],
    [
      "a variable with a value of another shape",
      { exec: { apiVersion: "v1", command: "x", env: [{ name: "A", value: [token] }] } },
    ],
    ["a server with a password", { token }, { server: `https://somebody:${password}@127.0.0.1:9` }],
    ["a server with a token", { token }, { server: `https://127.0.0.1:9/?token=${pastedToken}` }],
    ["a server that is a token", { token }, { server: pastedToken }],
    ["a CA that is a key", { token }, { server: "https://127.0.0.1:9", "certificate-authority-data": pastedKey }],
    ["a CA whose path is a key", { token }, { server: "https://127.0.0.1:9", "certificate-authority": pastedKey }],
    [
      "a proxy of another kind",
      { token },
      { server: "https://127.0.0.1:9", "proxy-url": `socks5://me:${proxyPassword}@127.0.0.1` },
    ],
    ["a proxy that is a password", { token }, { server: "https://127.0.0.1:9", "proxy-url": proxyPassword }],
    [
      "a proxy that is not there",
      { token },
      { server: "https://127.0.0.1:9", "proxy-url": `http://me:${proxyPassword}@127.0.0.1:9` },
    ],
  ];
  it.each(broken.map(([name, user, cluster]) => ({ name, user, cluster })))(
    "that cannot work leaks nothing: $name",
    async ({ name, user, cluster }) => {
      const file = await signInAs(user, cluster);
      for (const verb of VERBS.slice(0, 2)) {
        const printed = await run(verb, file);
        expect(printed).toMatch(/SignInFailed|BadKubeconfig|ClusterUnreachable|BadConfig/);
        expectSilence(printed, `${verb} with ${name}`);
      }
    },
  );

  it.each([
    ["is broken at the token", `users:\n- name: somebody\n  user: { token: "${token}, }\n`],
    ["is broken behind the token", `users: [{ name: somebody, user: { token: "${token}" }, ]}\n`],
    ["has an unknown tag", `users: [{ name: somebody, user: { token: !!${token} ${token} } }]\n`],
    ["has an alias to nothing", `users: [{ name: somebody, user: { token: *${token.replace(/\W/g, "")} } }]\n`],
    ["has a map for a key", `users: [{ name: somebody, user: { ? { token: ${token} } : x } }]\ncontexts: []\n`],
    ["has a place-holder", `users: [{ name: somebody, user: { token: {{ "${token}" }} } }]\n`],
    ["is a token", token],
    ["is a list of tokens", `- ${token}\n`],
    ["has users without names", `users: [{ user: { token: ${token} } }]\n`],
  ])("whose kubeconfig %s leaks nothing", async (name, content) => {
    const printed = await run("check", await command.file("broken", content));
    expect(printed).toMatch(/BadKubeconfig/);
    expectSilence(printed, name);
  });
});

describe("a way to the API server that is closed", () => {
  const garbage = `${CANARIES.garbage}\r\n\r\n`;
  const listen = async (server: Parameters<typeof serve>[0]) => {
    const { port, close } = await serve(server, String);
    closers.push(close);
    return port;
  };
  const proxyThatSays = async (head: string, environment = false) => {
    const server = createServer();
    server.on("connect", (_request, socket) => socket.end(`${head}\r\n\r\n<html>${CANARIES.page}</html>`));
    const url = `http://me:${CANARIES.proxyPassword}@127.0.0.1:${await listen(server)}`;
    if (!environment) return { server: "https://127.0.0.1:9", "proxy-url": url };
    vi.stubEnv("HTTPS_PROXY", url);
    closers.push(() => vi.stubEnv("HTTPS_PROXY", ""));
    return { server: "https://api.cluster.test" };
  };
  const ca = (pem: string) => ({ "certificate-authority-data": base64(pem) });

  const ways: Readonly<Record<string, () => Promise<object>>> = {
    "nobody listens": async () => ({ server: "https://127.0.0.1:9" }),
    "an unknown CA": async () => ({ server: overTls.url, ...ca(createAuthority("other").certificate) }),
    "no CA": async () => ({ server: overTls.url }),
    "a certificate for another": async () => ({ server: overTls.url, "tls-server-name": "other", ...ca(overTls.ca) }),
    "plain HTTP": async () => ({ server: api.url.replace("http:", "https:") }),
    "TLS for plain HTTP": async () => ({ server: overTls.url.replace("https:", "http:") }),
    "neither TLS nor HTTP": async () => ({
      server: `https://127.0.0.1:${await listen(createTcpServer((socket) => socket.end(garbage)))}`,
    }),
    "no HTTP": async () => ({
      server: `http://127.0.0.1:${await listen(createTcpServer((socket) => socket.end(garbage)))}`,
    }),
    "a proxy that refuses": () => proxyThatSays(`HTTP/1.1 403 ${CANARIES.reasonPhrase}\r\nx: ${CANARIES.header}`),
    "a proxy that wants a password": () =>
      proxyThatSays(`HTTP/1.1 407 ${CANARIES.reasonPhrase}\r\nproxy-authenticate: Basic realm="${CANARIES.header}"`),
    "a proxy that speaks no HTTP": () => proxyThatSays(CANARIES.garbage),
    "a proxy of the environment": () => proxyThatSays(`HTTP/1.1 502 ${CANARIES.reasonPhrase}`, true),
  };

  it.each(Object.keys(ways))("leaks nothing: %s", async (way) => {
    const file = await signInAs({ token: CANARIES.token }, (await ways[way]?.()) ?? {});
    for (const verb of ["check", "doctor"]) {
      const printed = await run(verb, file);
      expect(printed).toContain("ClusterUnreachable");
      expectSilence(printed, `${verb}, ${way}`);
    }
    expect(plantedIn(given.at(-1) ?? "").has("token")).toBe(true);
  });
});
