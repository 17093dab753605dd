import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { mountedConfigMaps, readGatewayConfig } from "../../src/evidence/discovery-config.ts";
import { DEFAULT_TOKEN_FILE, type GatewayConfig } from "../../src/model/discovery.ts";
import type { KubePodSpec } from "../../src/model/kubernetes.ts";

const CANARY = "eyJhbGciOiJSUzI1NiJ9.canary.signature";

/** As the container's environment has it, and as APISIX fills it in when it loads its configuration. */
const env = (name: string) => `$\{${name}}`;
const variable = (inner: string) => `$\{{${inner}}}`;

const read = (...keys: Record<string, string>[]): GatewayConfig =>
  readGatewayConfig(keys.map((texts, index) => ({ name: `map-${index}`, keys: texts, changedAt: 1_000 })));

const official = (text: string) => read({ "config.yaml": text });
const discovery = (text: string) => official(text).discovery;

const on = (...clusters: unknown[]) => ({ state: "on", clusters: clusters.map((token) => ({ token })) });
const file = (path: string) => ({ kind: "file", path });
const STATIC = { kind: "static" };
const OFF = { state: "off" };
const unknown = (why: RegExp) => ({ state: "unknown", why: expect.stringMatching(why) });

describe("Kubernetes discovery in the single form", () => {
  it.each([
    ["an empty map", "kubernetes: {}", on(file(DEFAULT_TOKEN_FILE))],
    ["a client without anything", "kubernetes: { client: {} }", on(file(DEFAULT_TOKEN_FILE))],
    ["a client that is null", "kubernetes: { client: }", on(file(DEFAULT_TOKEN_FILE))],
    ["other settings", "kubernetes: { default_weight: 50, watch_endpoint_slices: true }", on(file(DEFAULT_TOKEN_FILE))],
    ["a token file", "kubernetes: { client: { token_file: /tmp/token } }", on(file("/tmp/token"))],
    ["a token file that is null", "kubernetes: { client: { token_file: ~ } }", on(file(DEFAULT_TOKEN_FILE))],
    [
      "a token file in a variable",
      `kubernetes: { client: { token_file: "${env("TOKEN_FILE")}" } }`,
      on(file(env("TOKEN_FILE"))),
    ],
    [
      "a token file in a variable of the configuration",
      `kubernetes: { client: { token_file: "${variable("T:=/tmp/token")}" } }`,
      on(file(variable("T:=/tmp/token"))),
    ],
    ["a literal token", `kubernetes: { client: { token: ${CANARY} } }`, on(STATIC)],
    ["a token in a variable", `kubernetes: { client: { token: "${env("TOKEN")}" } }`, on(STATIC)],
    ["a token that looks like a number", "kubernetes: { client: { token: 12345 } }", on(STATIC)],
    ["an empty token, which APISIX takes for one", 'kubernetes: { client: { token: "" } }', on(STATIC)],
    [
      "a token and a token file, of which the token wins",
      "kubernetes: { client: { token_file: /tmp/token, token: x } }",
      on(STATIC),
    ],
    [
      "a token that is null and a file",
      "kubernetes: { client: { token_file: /tmp/token, token: null } }",
      on(file("/tmp/token")),
    ],
    ["null", "kubernetes:", OFF],
    ["nothing", "dns: { servers: [127.0.0.1] }", OFF],
  ])("with %s", (_, text, expected) => {
    expect(discovery(`discovery:\n  ${text}\n`)).toEqual(expected);
  });

  it.each([
    ["no discovery", "apisix: { node_listen: 9080 }", OFF],
    ["discovery that is null", "apisix: {}\ndiscovery:", OFF],
    ["discovery that is null and nothing else", "discovery:", OFF],
    ["discovery that is empty", "discovery: {}", OFF],
    ["only a deployment", "deployment: { role: data_plane }", OFF],
    ["only etcd", "etcd: { host: [] }", OFF],
    ["only nginx_config", "nginx_config: {}", OFF],
    ["only plugin_attr", "plugin_attr: {}", OFF],
    ["only plugins", "plugins: []", OFF],
    ["only stream_plugins", "stream_plugins: []", OFF],
    ["keys given twice, the last of which wins", "discovery: { kubernetes: {} }\ndiscovery:", OFF],
    [
      "an anchor",
      "apisix: { a: &t /tmp/token }\ndiscovery: { kubernetes: { client: { token_file: *t } } }",
      on(file("/tmp/token")),
    ],
    [
      "variables anywhere",
      `apisix:\n  node_listen: ${variable("PORT:=9080")}\ndiscovery:\n  kubernetes: {}`,
      on(file(DEFAULT_TOKEN_FILE)),
    ],
  ])("in a configuration with %s", (_, text, expected) => {
    expect(discovery(text)).toEqual(expected);
  });
});

describe("Kubernetes discovery in the form of several clusters", () => {
  const entries = (...clients: string[]) =>
    `discovery:\n  kubernetes:\n${clients.map((client, index) => `    - id: c${index}\n      client: ${client}\n`).join("")}`;

  it.each([
    ["one with a file", ["{ token_file: /a/token }"], on(file("/a/token"))],
    ["one with a token", [`{ token: ${CANARY} }`], on(STATIC)],
    ["two", [`{ token_file: ${DEFAULT_TOKEN_FILE} }`, "{ token: x }"], on(file(DEFAULT_TOKEN_FILE), STATIC)],
    [
      "one with neither, as there is no default",
      ["{ token_file: /a/token }", "{}"],
      unknown(/kubernetes\[1\]\.client` has neither/),
    ],
    ["one without a client", ["{ token_file: /a/token }", ""], unknown(/kubernetes\[1\]\.client` has neither/)],
  ])("with %s", (_, clients, expected) => {
    expect(discovery(entries(...clients))).toEqual(expected);
  });
});

describe("a configuration that cannot be understood", () => {
  it.each([
    ["no ConfigMap", [], /No ConfigMap/],
    ["no keys", [{}], /No ConfigMap/],
    [
      "keys of other things",
      [{ "ca.crt": "x", "apisix.yaml": "routes: []", "debug.yaml": "basic: {}", "a.yaml.bak": "apisix: {}" }],
      /No ConfigMap/,
    ],
    ["an empty text", [{ "config.yaml": "" }], /config\.yaml of ConfigMap map-0 is not a YAML map/],
    ["a text of comments", [{ "config.yaml": "# nothing" }], /is not a YAML map/],
    ["a list", [{ "config.yaml": "- apisix" }], /is not a YAML map/],
    ["words", [{ "config.yaml": "apisix" }], /is not a YAML map/],
    ["a map of something else", [{ "config.yaml": "server: { port: 80 }" }], /no APISIX configuration/],
    ["broken YAML", [{ "config.yaml": `apisix:\n  a: "${CANARY}\n` }], /not valid YAML \([A-Z_]+, line \d+\)/],
    ["tabs", [{ "config.yaml": "apisix:\n\ta: 1" }], /not valid YAML \(TAB_AS_INDENT, line 2\)/],
    [
      "two documents",
      [{ "config.yaml": "apisix: {}\n---\ndiscovery: {}" }],
      /not valid YAML \(MULTIPLE_DOCS, line 2\)/,
    ],
    ["an unresolved alias", [{ "config.yaml": `apisix: *${CANARY}` }], /aliases/],
    ["too many aliases", [{ "config.yaml": laughs() }], /aliases/],
    ["ten thousand brackets", [{ "config.yaml": "[".repeat(10_000) }], /not valid YAML/],
    ["text beyond 256 KiB", [{ "config.yaml": `apisix: {}\n#${" ".repeat(256 * 1024)}` }], /more than 256 KiB/],
    [
      "text beyond 256 KiB in all",
      [{ "config.yaml": `apisix: {}\n#${" ".repeat(150_000)}` }, { "b.yaml": `#${" ".repeat(150_000)}` }],
      /more than 256 KiB/,
    ],
    [
      "a second file that is broken",
      [{ "a.yaml": "discovery: { kubernetes: {} }" }, { "b.yml": "[" }],
      /b\.yml of ConfigMap map-1/,
    ],
    ["discovery that is a list", [{ "config.yaml": "discovery: []" }], /`discovery` is not a map/],
    ["discovery that is text", [{ "config.yaml": `discovery: ${CANARY}` }], /`discovery` is not a map/],
    [
      "kubernetes that is a switch",
      [{ "config.yaml": "discovery: { kubernetes: false }" }],
      /`discovery\.kubernetes` is not a map/,
    ],
    [
      "kubernetes in a variable",
      [{ "config.yaml": `discovery: { kubernetes: "${variable("K8S")}" }` }],
      /`discovery\.kubernetes` is not a map/,
    ],
    ["an empty list of clusters", [{ "config.yaml": "discovery: { kubernetes: [] }" }], /empty list/],
    [
      "a cluster that is text",
      [{ "config.yaml": `discovery: { kubernetes: [${CANARY}] }` }],
      /`discovery\.kubernetes\[0\]` is not a map/,
    ],
    [
      "a client that is text",
      [{ "config.yaml": `discovery: { kubernetes: { client: ${CANARY} } }` }],
      /`discovery\.kubernetes\.client` is not a map/,
    ],
    [
      "a token as token file",
      [{ "config.yaml": `discovery: { kubernetes: { client: { token_file: ${CANARY} } } }` }],
      /absolute path/,
    ],
    [
      "a relative path",
      [{ "config.yaml": "discovery: { kubernetes: { client: { token_file: conf/token } } }" }],
      /absolute path/,
    ],
    [
      "an empty token file",
      [{ "config.yaml": 'discovery: { kubernetes: { client: { token_file: "" } } }' }],
      /absolute path/,
    ],
    [
      "a token file that is no text",
      [{ "config.yaml": "discovery: { kubernetes: { client: { token_file: [/a] } } }" }],
      /absolute path/,
    ],
  ])("because of %s", (_, keys, why) => {
    const config = read(...keys);
    expect(config.discovery).toEqual(unknown(why));
    expect(config.apiDrivenStandalone).toBe(false);
    expect(JSON.stringify(config)).not.toContain("canary");
  });

  it("allows exactly 256 KiB", () => {
    const text = "apisix: {}\n#";
    expect(discovery(text.padEnd(256 * 1024))).toEqual(OFF);
    expect(discovery(text.padEnd(256 * 1024 + 1))).toEqual(unknown(/256 KiB/));
  });

  it("allows ninety-nine uses of an anchor", () => {
    const list = (uses: number) => `apisix: { a: &x 1, b: [${Array(uses).fill("*x").join(", ")}] }`;
    expect(discovery(list(99))).toEqual(OFF);
    expect(discovery(list(100))).toEqual(unknown(/aliases/));
  });
});

/** Thirty lists, each of which holds the one before it twice. */
function laughs(): string {
  const lines = Array.from({ length: 30 }, (_, index) => `a${index + 1}: &a${index + 1} [*a${index}, *a${index}]`);
  return ["apisix: {}", "a0: &a0 [ha]", ...lines].join("\n");
}

describe("a configuration in several pieces", () => {
  const base = "apisix: { node_listen: 9080 }\ndiscovery: { kubernetes: { client: { token_file: /a/token } } }";

  it.each([
    [
      "a later ConfigMap over an earlier one",
      [
        { "00_default_config.yaml": base },
        { "01_extra-config.yaml": "discovery: { kubernetes: { client: { token_file: /b/token } } }" },
      ],
      on(file("/b/token")),
    ],
    [
      "a later key over an earlier one, by name",
      [{ "10.yaml": "discovery: { kubernetes: { client: { token_file: /b/token } } }", "00.yaml": base }],
      on(file("/b/token")),
    ],
    [
      "maps key by key",
      [{ "a.yaml": base }, { "b.yaml": "discovery: { dns: {}, kubernetes: { client: { token: x } } }" }],
      on(STATIC),
    ],
    ["a null over a map", [{ "a.yaml": base }, { "b.yaml": "discovery: { kubernetes: null }" }], OFF],
    [
      "a map over a null",
      [{ "a.yaml": "apisix: {}\ndiscovery:" }, { "b.yaml": "discovery: { kubernetes: {} }" }],
      on(file(DEFAULT_TOKEN_FILE)),
    ],
    [
      "a list over a map",
      [{ "a.yaml": base }, { "b.yaml": "discovery: { kubernetes: [{ client: { token: x } }] }" }],
      on(STATIC),
    ],
    [
      "a piece that says something else of it",
      [{ "a.yaml": base }, { "b.yaml": "discovery: { kubernetes: { client: {}, default_weight: 1 } }" }],
      on(file("/a/token")),
    ],
    ["a piece that says nothing of it", [{ "a.yaml": base }, { "b.yaml": "nginx_config: {}" }], on(file("/a/token"))],
    [
      "a piece with a strange key",
      [{ "a.yaml": base }, { "b.yaml": "__proto__: { discovery: {} }\nconstructor: 1" }],
      on(file("/a/token")),
    ],
    [
      "config.yaml and nothing beside it",
      [{ "config.yaml": base, "zz.yaml": "discovery: null" }],
      on(file("/a/token")),
    ],
    [
      "no routes of standalone mode",
      [{ "a.yml": base, "apisix.yaml": "discovery: null", "debug.yaml": "discovery: null" }],
      on(file("/a/token")),
    ],
  ])("puts %s", (_, keys, expected) => {
    expect(read(...keys).discovery).toEqual(expected);
  });
});

describe("API-driven standalone", () => {
  it.each([
    [
      "role traditional with yaml",
      "deployment: { role: traditional, role_traditional: { config_provider: yaml } }",
      true,
    ],
    ["no role, which means traditional", "deployment: { role_traditional: { config_provider: yaml } }", true],
    [
      "a role that is null, which means traditional",
      "deployment: { role: , role_traditional: { config_provider: yaml } }",
      true,
    ],
    [
      "defaults of variables",
      `deployment: { role: "${variable("ROLE:=traditional")}", role_traditional: { config_provider: "${variable(" P := yaml ")}" } }`,
      true,
    ],
    ["etcd", "deployment: { role: traditional, role_traditional: { config_provider: etcd } }", false],
    ["routes in a file", "deployment: { role: data_plane, role_data_plane: { config_provider: yaml } }", false],
    [
      "a role that is not traditional",
      "deployment: { role: data_plane, role_traditional: { config_provider: yaml } }",
      false,
    ],
    [
      "a variable without a default",
      `deployment: { role: traditional, role_traditional: { config_provider: "${variable("P")}" } }`,
      false,
    ],
    [
      "variables with parts of it",
      `deployment: { role_traditional: { config_provider: "${variable("P:=ya")}${variable("Q:=ml")}" } }`,
      true,
    ],
    [
      "a variable with something before it",
      `deployment: { role_traditional: { config_provider: "x${variable("P:=yaml")}" } }`,
      false,
    ],
    [
      "a variable with something behind it",
      `deployment: { role_traditional: { config_provider: "${variable("P:=yaml")}x" } }`,
      false,
    ],
    ["a provider that is a number", "deployment: { role_traditional: { config_provider: 7 } }", false],
    ["no settings of the role", "deployment: { role: traditional }", false],
    ["no deployment", "apisix: { config_center: yaml }", false],
    ["a deployment that is text", "deployment: traditional", false],
  ])("with %s: %s", (_, text, expected) => {
    expect(official(text).apiDrivenStandalone).toBe(expected);
  });

  it.each(["{{A:=", "{{A:= ", "{{", "{{A", "{{ "])("reads 100 000 times the end of $%s at once", (text) => {
    const hostile = `$${text}${text.slice(-1).repeat(100_000)}`;
    const from = `deployment: { role_traditional: { config_provider: "${hostile}" } }`;
    expect(official(from).apiDrivenStandalone).toBe(false);
  });
});

describe("an error log that nobody sees", () => {
  it("is known of a configuration that is understood", () => {
    const text = "nginx_config: { error_log: /var/log/error.log }\n";
    expect(official(text).hidesErrors).toBe(true);
    expect(official("apisix: {}").hidesErrors).toBe(false);
    expect(official(`${text}  - no YAML`).hidesErrors).toBe(false);
  });
});

describe("the newest change of the ConfigMaps", () => {
  const changed = (...times: (number | null)[]) =>
    readGatewayConfig(times.map((changedAt) => ({ name: "x", keys: { "config.yaml": "apisix: {}" }, changedAt })))
      .changedAt;

  it.each([
    [[1_000], 1_000],
    [[1_000, 3_000, 2_000], 3_000],
    [[1_000, null], null],
    [[null], null],
    [[], null],
  ])("of %j is %s", (times, newest) => {
    expect(changed(...times)).toBe(newest);
  });
});

describe("the content of ConfigMaps", () => {
  it("never stands in what is made of it, but for the path of a token file", () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9._-]{12,40}$/).map((text) => `canary${text}`);
    const shapes = [
      (token: string) => `discovery: { kubernetes: { client: { token: ${token} } } }`,
      (token: string) => `discovery: { kubernetes: { client: { token_file: ${token} } } }`,
      (token: string) => `discovery: { kubernetes: [ { id: ${token}, client: { token: ${token} } } ] }`,
      (token: string) => `discovery: { kubernetes: ${token} }`,
      (token: string) => `discovery: { kubernetes: { client: { token: "${token} } }`,
      (token: string) => `discovery: ${token}`,
      (token: string) => `${token}: ${token}`,
      (token: string) => `*${token}`,
      (token: string) => `? [${token}]\n: ${token}`,
      (token: string) => `apisix: !${token} ${token}`,
      (token: string) => `%${token}\n---\n${token}`,
      (token: string) => token,
    ];
    fc.assert(
      fc.property(fc.constantFrom(...shapes), secret, (shape, token) => {
        expect(JSON.stringify(official(shape(token)))).not.toContain("canary");
      }),
    );
  });

  it("never goes to stderr as a warning of the parser", () => {
    const warned = vi.spyOn(process, "emitWarning");
    official(`? [${CANARY}]\n: 1\n? { a: ${CANARY} }\n: !${CANARY} 2\n`);
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });

  it("never makes reading throw", () => {
    const piece = fc.constantFrom(
      "discovery:",
      " kubernetes:",
      "\n",
      "- ",
      "{",
      "}",
      "[",
      "&a ",
      "*a ",
      "client: ",
      "|",
      "'",
      '"',
      "token_file: /x",
      "? ",
      "<<: ",
      "\t",
      "!!set ",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        expect(["on", "off", "unknown"]).toContain(official(pieces.join("")).discovery.state);
      }),
    );
  });
});

describe("the ConfigMaps that can hold the configuration", () => {
  const CONF = "/usr/local/apisix/conf";
  const volume = (name: string) => ({ name, configMap: { name: `cm-${name}` } });
  const pod = (mounts: Record<string, string>, over: KubePodSpec = {}): KubePodSpec => ({
    containers: [
      { name: "apisix", volumeMounts: Object.entries(mounts).map(([name, mountPath]) => ({ name, mountPath })) },
    ],
    volumes: Object.keys(mounts).map(volume),
    ...over,
  });

  it.each<[string, KubePodSpec, string[]]>([
    ["config.yaml of the official chart", pod({ config: `${CONF}/config.yaml` }), ["cm-config"]],
    ["the whole directory", pod({ config: CONF }), ["cm-config"]],
    ["the whole directory with a slash", pod({ config: `${CONF}/` }), ["cm-config"]],
    ["a configuration of another profile", pod({ config: `${CONF}/config-prod.yml` }), ["cm-config"]],
    ["Bitnami's paths", pod({ config: "/opt/bitnami/apisix/conf/config.yaml" }), ["cm-config"]],
    [
      "not the routes of standalone mode",
      pod({ config: `${CONF}/config.yaml`, rules: `${CONF}/apisix.yaml`, debug: `${CONF}/debug.yaml` }),
      ["cm-config"],
    ],
    [
      "no certificates, plug-ins and others",
      pod({
        ca: "/etc/ssl/certs/ca.crt",
        ssl: `${CONF}/ssl/ca.yaml`,
        cert: `${CONF}/cert`,
        plugin: "/usr/local/apisix/apisix/plugins/a.lua",
        other: "/opt/config.yaml",
        almost: "/opt/myapisix/conf/config.yaml",
        similar: "/usr/local/apisix/config",
        copy: "/backup/bitnami/apisix/conf/00_default",
      }),
      [],
    ],
    [
      "two for two files, in the order of their paths",
      pod({ b: `${CONF}/config.yaml`, a: `${CONF}/config-default.yaml` }),
      ["cm-a", "cm-b"],
    ],
    ["nothing of a pod without volumes", pod({ config: `${CONF}/config.yaml` }, { volumes: [] }), []],
    ["nothing of an empty pod", {}, []],
    ["nothing of a container without mounts", { containers: [{ name: "apisix" }] }, []],
    [
      "nothing of a mount without a path",
      { containers: [{ name: "apisix", volumeMounts: [{ name: "a" }] }], volumes: [volume("a")] },
      [],
    ],
    [
      "not what other containers mount",
      { containers: [{ name: "other", volumeMounts: [{ name: "a", mountPath: CONF }] }], volumes: [volume("a")] },
      [],
    ],
    [
      "no Secret",
      pod({ config: `${CONF}/config.yaml` }, { volumes: [{ name: "config", secret: { secretName: "s" } }] }),
      [],
    ],
    ["no ConfigMap without a name", pod({ config: CONF }, { volumes: [{ name: "config", configMap: {} }] }), []],
    [
      "the ConfigMaps of a projection",
      pod(
        { config: CONF },
        {
          volumes: [
            {
              name: "config",
              projected: {
                sources: [{ configMap: { name: "b" } }, { secret: { name: "s" } }, { configMap: { name: "a" } }],
              },
            },
          ],
        },
      ),
      ["b", "a"],
    ],
    ["no part of an empty projection", pod({ config: CONF }, { volumes: [{ name: "config", projected: {} }] }), []],
    [
      "the pieces that Bitnami's init container merges, in its order, and no more than once",
      {
        initContainers: [
          {
            name: "render-conf",
            volumeMounts: [
              { name: "empty-dir", mountPath: "/bitnami/apisix/rendered-conf", subPath: "app-conf-dir" },
              { name: "extra", mountPath: "/bitnami/apisix/conf/01_extra" },
              { name: "default", mountPath: "/bitnami/apisix/conf/00_default" },
              { name: "certs", mountPath: "/bitnami/certs" },
            ],
          },
          { name: "again", volumeMounts: [{ name: "default", mountPath: "/bitnami/apisix/conf/00_default" }] },
          { name: "wait" },
        ],
        containers: [
          {
            name: "apisix",
            volumeMounts: [{ name: "empty-dir", mountPath: "/usr/local/apisix", subPath: "app-tmp-dir" }],
          },
        ],
        volumes: [volume("extra"), volume("default"), volume("certs"), { name: "empty-dir" }],
      },
      ["cm-default", "cm-extra"],
    ],
  ])("are %s", (_, podSpec, names) => {
    expect(mountedConfigMaps(podSpec, "apisix")).toEqual(names);
  });
});
