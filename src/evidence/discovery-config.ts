import { DEFAULT_TOKEN_FILE, type DiscoveryCluster, type GatewayConfig } from "../model/discovery.ts";
import type { KubePodSpec, KubeVolume } from "../model/kubernetes.ts";
import type { Instant } from "../model/time.ts";
import {
  type ConfigMapTexts,
  isConfigurationFile,
  isMap,
  mergedConfig,
  type Understood,
  type YamlMap,
} from "./config-yaml.ts";
import { hidesErrors } from "./error-log.ts";

type Discovery = GatewayConfig["discovery"];

/** Where Bitnami's init container finds the pieces that it merges: `/bitnami/apisix/conf/00_default` and `…/01_extra`. */
const BITNAMI_PIECES = /^\/bitnami\/apisix\/conf\//;

/** The configuration directory itself, or one file in it. */
const CONF = /\/apisix\/conf(?:\/([^/]+))?\/?$/;

/** Sections of which every real configuration has one. Without any, a missing `discovery` says nothing. */
const SECTIONS = [
  "apisix",
  "deployment",
  "discovery",
  "etcd",
  "nginx_config",
  "plugin_attr",
  "plugins",
  "stream_plugins",
];

const OFF: Discovery = { state: "off" };
const unknown = (why: string): Discovery => ({ state: "unknown", why });

/**
 * The ConfigMaps that can hold the configuration of the APISIX container, in the order in which they are merged (by mount path, which
 * only matters to Bitnami's pieces).
 *
 * They are mounted by the APISIX container or by an init container that renders the configuration, at `…/apisix/conf`, at a YAML file
 * right in it other than the routes of standalone mode, or below `/bitnami/apisix/conf`. Certificates, plug-ins and what other
 * containers mount do not count. None: the configuration is in the image, a Secret, or somewhere unusual.
 */
export function mountedConfigMaps(
  { containers = [], initContainers = [], volumes = [] }: KubePodSpec,
  containerName: string,
): string[] {
  const mounts = [...initContainers, ...containers.filter(({ name }) => name === containerName)]
    .flatMap(({ volumeMounts = [] }) => volumeMounts)
    .filter(({ mountPath = "" }) => holdsConfiguration(mountPath));
  const volumeAt = new Map(mounts.map(({ mountPath, name }) => [mountPath, name]));
  const mounted = [...volumeAt.keys()]
    .sort()
    .flatMap((path) => volumes.filter(({ name }) => name === volumeAt.get(path)));
  return [...new Set(mounted.flatMap(configMapsOf))];
}

/**
 * What the ConfigMaps of a gateway say about service discovery (apache/apisix discovery/kubernetes/schema.lua and init.lua). Keeps
 * the paths of token files and nothing else of their content: `client.token` may be a literal token.
 *
 * @param configMaps in the order in which they are merged, each with the text under its keys
 */
export function readGatewayConfig(
  configMaps: readonly (ConfigMapTexts & { readonly changedAt: Instant | null })[],
): GatewayConfig {
  const config = mergedConfig(configMaps);
  return {
    discovery: config.ok ? discoveryOf(config.value) : unknown(config.why),
    apiDrivenStandalone: config.ok && isApiDrivenStandalone(config.value),
    hidesErrors: config.ok && hidesErrors(config.value),
    changedAt: newest(configMaps.map(({ changedAt }) => changedAt)),
  };
}

/** null as soon as one is not known: it could be the newest. */
function newest(times: readonly (Instant | null)[]): Instant | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 || known.length < times.length ? null : Math.max(...known);
}

function discoveryOf(config: YamlMap): Discovery {
  if (!SECTIONS.some((section) => Object.hasOwn(config, section))) {
    return unknown("Its ConfigMaps hold YAML that is no APISIX configuration.");
  }
  const { discovery } = config;
  // A null takes a key away (apisix/cli/file.lua, merge_conf).
  if (discovery === undefined || discovery === null) return OFF;
  if (!isMap(discovery)) return unknown("Its `discovery` is not a map.");
  const { kubernetes } = discovery;
  if (kubernetes === undefined || kubernetes === null) return OFF;
  if (Array.isArray(kubernetes)) return severalClusters(kubernetes);
  const cluster = clusterOf(kubernetes, "discovery.kubernetes", DEFAULT_TOKEN_FILE);
  return cluster.ok ? { state: "on", clusters: [cluster.value] } : unknown(cluster.why);
}

/** The list form has no default token file: each entry names its own. */
function severalClusters(entries: readonly unknown[]): Discovery {
  if (entries.length === 0) return unknown("Its `discovery.kubernetes` is an empty list.");
  const clusters: DiscoveryCluster[] = [];
  for (const [index, entry] of entries.entries()) {
    const cluster = clusterOf(entry, `discovery.kubernetes[${index}]`, null);
    if (!cluster.ok) return unknown(cluster.why);
    clusters.push(cluster.value);
  }
  return { state: "on", clusters };
}

function clusterOf(entry: unknown, place: string, defaultFile: string | null): Understood<DiscoveryCluster> {
  if (!isMap(entry)) return { ok: false, why: `Its \`${place}\` is not a map.` };
  const client = entry.client ?? {};
  if (!isMap(client)) return { ok: false, why: `Its \`${place}.client\` is not a map.` };
  // A literal or an environment variable; it wins over a file (init.lua, get_apiserver).
  if (client.token !== undefined && client.token !== null) return { ok: true, value: { token: { kind: "static" } } };
  const path = client.token_file ?? defaultFile;
  if (typeof path !== "string" || !/^[/$]/.test(path)) {
    return { ok: false, why: `Its \`${place}.client\` has neither a token nor the absolute path of a token file.` };
  }
  return { ok: true, value: { token: { kind: "file", path } } };
}

/** Standalone whose routes a controller pushes through the Admin API: its role is traditional, which is also the default. */
function isApiDrivenStandalone({ deployment }: YamlMap): boolean {
  if (!isMap(deployment) || !isMap(deployment.role_traditional)) return false;
  const role = withoutVariables(deployment.role ?? "traditional");
  return role === "traditional" && withoutVariables(deployment.role_traditional.config_provider) === "yaml";
}

/**
 * `${{VAR:=default}}`, anywhere in a text, is its default (apisix/cli/file.lua, resolve_conf_var): the environment of the container
 * may say otherwise, but rarely does. No part of the pattern overlaps another, so that hostile text costs no time.
 */
function withoutVariables(value: unknown): unknown {
  if (typeof value !== "string") return value;
  return value.replace(/\$\{\{\s*\w+\s*:=([^{}]*)\}\}/g, (_, preset: string) => preset.trim());
}

function holdsConfiguration(mountPath: string): boolean {
  if (BITNAMI_PIECES.test(mountPath)) return true;
  const match = CONF.exec(mountPath);
  return match !== null && (match[1] === undefined || isConfigurationFile(match[1]));
}

function configMapsOf({ configMap, projected }: KubeVolume): string[] {
  const sources = [configMap, ...(projected?.sources ?? []).map((source) => source.configMap)];
  return sources.flatMap((source) => source?.name ?? []);
}
