import { describe, expect, it } from "vitest";
import { tokenSourceOf } from "../../src/evidence/token-volume.ts";
import { DEFAULT_TOKEN_FILE, type DiscoveryCluster, type GatewayConfig } from "../../src/model/discovery.ts";
import type { KubeContainer, KubePodSpec, KubeVolume } from "../../src/model/kubernetes.ts";
import type { TokenSource } from "../../src/model/token.ts";

const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

const projected = (
  name: string,
  source: { path?: string; expirationSeconds?: number; audience?: string },
): KubeVolume => ({
  name,
  projected: {
    sources: [{ configMap: { name: "kube-root-ca.crt" } }, { serviceAccountToken: source }, { downwardAPI: {} }],
  },
});

const INJECTED = projected("kube-api-access-x", { path: "token", expirationSeconds: 3607 });

function pod(volumes: KubeVolume[], ...volumeMounts: NonNullable<KubeContainer["volumeMounts"]>): KubePodSpec {
  return { containers: [{ name: "side-car" }, { name: "apisix", volumeMounts }], volumes };
}

const injected = pod([INJECTED], { name: "kube-api-access-x", mountPath: SERVICE_ACCOUNT, readOnly: true });

const discovery = (state: GatewayConfig["discovery"]): GatewayConfig => ({
  discovery: state,
  apiDrivenStandalone: false,
  hidesErrors: false,
  changedAt: null,
});
const on = (...tokens: DiscoveryCluster["token"][]) =>
  discovery({ state: "on", clusters: tokens.map((token) => ({ token })) });
const file = (path: string) => ({ kind: "file", path }) as const;
const env = (name: string) => `$\{${name}}`;
const STATIC = { kind: "static" } as const;

const PROJECTED = { kind: "projected", expirationSeconds: 3607, path: expect.any(String) };
const expiring = (expirationSeconds: number) => ({ ...PROJECTED, expirationSeconds });
const FILE: TokenSource = { kind: "file" };
const unknown = (why: RegExp) => ({ kind: "unknown", why: expect.stringMatching(why) });

describe("the token of a pod with the volume that Kubernetes injects", () => {
  it.each<[string, GatewayConfig | null, unknown]>([
    ["nothing known of the configuration", null, PROJECTED],
    ["a configuration that is not clear", discovery({ state: "unknown", why: "x" }), PROJECTED],
    ["discovery off, as it may have been on at the start", discovery({ state: "off" }), PROJECTED],
    ["the default file", on(file(DEFAULT_TOKEN_FILE)), PROJECTED],
    ["the default file by its other name", on(file("/run/secrets/kubernetes.io/serviceaccount/token")), PROJECTED],
    ["the default file with a slash too many", on(file(`${SERVICE_ACCOUNT}//token`)), PROJECTED],
    ["a static token", on(STATIC), { kind: "static" }],
    ["a file outside every volume", on(file("/etc/token")), FILE],
    ["another file of the volume", on(file(`${SERVICE_ACCOUNT}/ca.crt`)), FILE],
    ["a file whose directory only begins alike", on(file(`${SERVICE_ACCOUNT}-2/token`)), FILE],
    ["a path in an environment variable", on(file(env("TOKEN_FILE"))), unknown(/environment variable/)],
    ["a path with a variable in it", on(file(`/var/${env("NAME")}/token`)), unknown(/environment variable/)],
    ["its own cluster first", on(file(DEFAULT_TOKEN_FILE), STATIC), PROJECTED],
    ["its own cluster last", on(STATIC, file("/remote/token"), file(DEFAULT_TOKEN_FILE)), PROJECTED],
    ["remote clusters only, a static token first", on(STATIC, file("/remote/token")), { kind: "static" }],
    ["remote clusters only, a file first", on(file("/remote/token"), STATIC), FILE],
    ["no cluster at all", on(), unknown(/no cluster/)],
  ])("with %s", (_, config, source) => {
    expect(tokenSourceOf(injected, "apisix", config)).toEqual(source);
  });
});

describe("another token file", () => {
  it("is not taken for one below a directory whose path only ends alike", () => {
    const spec = pod([projected("token", { path: "token" })], { name: "token", mountPath: "/mnt/run" });
    expect(tokenSourceOf(spec, "apisix", on(file("/mnt/run/token")))).toEqual({
      kind: "projected",
      expirationSeconds: 3600,
      path: "/mnt/run/token",
    });
    expect(tokenSourceOf(spec, "apisix", on(file("/mnt/var/run/token")))).toEqual(FILE);
  });
});

describe("a token volume", () => {
  it("whose lifetime is no number has the API server's default", () => {
    const odd = { path: "token", expirationSeconds: "eyJhbGciOiJSUzI1NiJ9" as unknown as number };
    expect(
      tokenSourceOf(pod([projected("t", odd)], { name: "t", mountPath: SERVICE_ACCOUNT }), "apisix", null),
    ).toEqual(expiring(3600));
  });
});

describe("the default token file", () => {
  const mount = (over: object = {}) => ({ name: "token", mountPath: SERVICE_ACCOUNT, ...over });

  it.each<[string, KubePodSpec, unknown]>([
    [
      "an explicit projection",
      pod([projected("token", { path: "token", expirationSeconds: 86_400 })], mount()),
      expiring(86_400),
    ],
    ["a projection that does not say how long", pod([projected("token", { path: "token" })], mount()), expiring(3600)],
    [
      "a projection mounted with a slash at the end",
      pod([projected("token", { path: "token" })], mount({ mountPath: `${SERVICE_ACCOUNT}/` })),
      expiring(3600),
    ],
    [
      "a projection mounted further up",
      pod(
        [projected("token", { path: "kubernetes.io/serviceaccount/token" })],
        mount({ mountPath: "/var/run/secrets" }),
      ),
      expiring(3600),
    ],
    [
      "a projection mounted at /run",
      pod([projected("token", { path: "token" })], mount({ mountPath: SERVICE_ACCOUNT.replace("/var/", "/") })),
      expiring(3600),
    ],
    ["a projection under another name", pod([projected("token", { path: "jwt" })], mount()), FILE],
    [
      "a projection of a Secret",
      pod([{ name: "token", projected: { sources: [{ secret: { name: "remote" } }] } }], mount()),
      FILE,
    ],
    ["an empty projection", pod([{ name: "token", projected: {} }], mount()), FILE],
    ["a Secret", pod([{ name: "token", secret: { secretName: "apisix-token" } }], mount()), FILE],
    ["a volume of an unknown kind", pod([{ name: "token" }], mount()), FILE],
    [
      "a projection mounted by subPath",
      pod([projected("token", { path: "token" })], mount({ mountPath: DEFAULT_TOKEN_FILE, subPath: "token" })),
      FILE,
    ],
    [
      "a projection mounted by subPathExpr",
      pod([projected("token", { path: "token" })], mount({ mountPath: DEFAULT_TOKEN_FILE, subPathExpr: "$(X)" })),
      FILE,
    ],
    [
      "the deeper of two mounts",
      pod(
        [INJECTED, { name: "secret", secret: {} }],
        mount({ name: "secret", mountPath: "/var/run" }),
        mount({ name: "kube-api-access-x" }),
      ),
      PROJECTED,
    ],
    [
      "the deeper of two mounts in the other order",
      pod(
        [INJECTED, { name: "secret", secret: {} }],
        mount({ name: "kube-api-access-x" }),
        mount({ name: "secret", mountPath: "/var/run/secrets" }),
      ),
      PROJECTED,
    ],
    [
      "a directory of a projection, mounted by subPath",
      pod([projected("token", { path: "token" })], mount({ subPath: "directory" })),
      FILE,
    ],
    [
      "a directory of a projection, mounted by subPathExpr",
      pod([projected("token", { path: "token" })], mount({ subPathExpr: "$(POD_NAME)" })),
      FILE,
    ],
    [
      "the deeper of two mounts above it",
      pod(
        [INJECTED, { name: "secret", secret: {} }],
        mount({ name: "secret", mountPath: "/run" }),
        mount({ name: "kube-api-access-x" }),
      ),
      PROJECTED,
    ],
    ["a mount of all of /var/run", pod([{ name: "token", secret: {} }], mount({ mountPath: "/var/run" })), FILE],
    [
      "a mount without a path",
      pod([{ name: "token", secret: {} }], { name: "token" }),
      unknown(/automountServiceAccountToken/),
    ],
    ["a mount of everything", pod([{ name: "token", secret: {} }], mount({ mountPath: "/" })), FILE],
    ["a volume that is missing", pod([INJECTED], mount()), unknown(/no such volume/)],
    ["no volumes", { containers: [{ name: "apisix", volumeMounts: [mount()] }] }, unknown(/no such volume/)],
    ["no mount, as with automount off", pod([]), unknown(/automountServiceAccountToken/)],
    ["no mounts field", { containers: [{ name: "apisix" }] }, unknown(/automountServiceAccountToken/)],
    [
      "a mount of another container",
      { ...injected, containers: [{ name: "apisix" }, { name: "side-car", volumeMounts: [mount()] }] },
      unknown(/automountServiceAccountToken/),
    ],
    ["no such container", { ...injected, containers: [] }, unknown(/no container apisix/)],
    ["an empty pod", {}, unknown(/no container apisix/)],
  ])("from %s", (_, podSpec, source) => {
    expect(tokenSourceOf(podSpec, "apisix", null)).toEqual(source);
  });
});
