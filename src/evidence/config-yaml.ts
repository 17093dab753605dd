import { parseDocument } from "yaml";

/** One ConfigMap: the text under each key. */
export interface ConfigMapTexts {
  readonly name: string;
  readonly keys: Readonly<Record<string, string>>;
}

export type YamlMap = Readonly<Record<string, unknown>>;

/** What was understood, or one sentence on why nothing was. */
export type Understood<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

/**
 * In UTF-16 units. Everything that APISIX can be configured with is 30 KiB, and hostile text of this length already keeps the parser
 * busy for seconds; Kubernetes would allow 1 MiB.
 */
const MAX_TEXT = 256 * 1024;

/** How often aliases may be expanded; a few anchors are fine, a "billion laughs" is not. */
const MAX_ALIASES = 100;

/** Files that lie beside the configuration: the routes of standalone mode, and the debug switches. */
const NOT_CONFIGURATION = new Set(["apisix.yaml", "debug.yaml"]);

export const isMap = (value: unknown): value is YamlMap =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether a file of this name can hold APISIX' configuration. */
export const isConfigurationFile = (name: string): boolean => /\.ya?ml$/.test(name) && !NOT_CONFIGURATION.has(name);

/**
 * Merges what the ConfigMaps of a gateway hold, in their order and, within one, by key: as Bitnami's init container does it (files
 * sorted by path, `yq eval-all '. as $item ireduce ({}; . * $item)'`). A ConfigMap with a key `config.yaml` is the official chart's,
 * which mounts that key alone. `why` names ConfigMap, key and line, and never quotes the text.
 */
export function mergedConfig(configMaps: readonly ConfigMapTexts[]): Understood<YamlMap> {
  const files = configMaps.flatMap(filesOf);
  if (files.length === 0) return { ok: false, why: "No ConfigMap that it mounts has a key ending in .yaml." };
  if (files.reduce((sum, { text }) => sum + text.length, 0) > MAX_TEXT) {
    return { ok: false, why: "Its ConfigMaps hold more than 256 KiB." };
  }
  let merged: YamlMap = {};
  for (const { place, text } of files) {
    const parsed = parseYaml(text);
    if (!parsed.ok) return { ok: false, why: `${place} ${parsed.why}.` };
    merged = merge(merged, parsed.value);
  }
  return { ok: true, value: merged };
}

function filesOf({ name, keys }: ConfigMapTexts): { place: string; text: string }[] {
  const names = Object.hasOwn(keys, "config.yaml")
    ? ["config.yaml"]
    : Object.keys(keys).filter(isConfigurationFile).sort();
  return names.map((key) => ({ place: `${key} of ConfigMap ${name}`, text: keys[key] ?? "" }));
}

function parseYaml(text: string): Understood<YamlMap> {
  const document = parseDocument(text, {
    // A warning would go to stderr and quote the text.
    logLevel: "error",
    // A pretty error quotes the text too, and takes the parser a minute for some texts.
    prettyErrors: false,
    // APISIX' own parser lets the last one win.
    uniqueKeys: false,
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = text.slice(0, error.pos[0]).split("\n").length;
    return { ok: false, why: `is not valid YAML (${error.code}, line ${line})` };
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return isMap(value) ? { ok: true, value } : { ok: false, why: "is not a YAML map" };
  } catch {
    return { ok: false, why: "has YAML aliases that cannot be resolved" };
  }
}

/** Maps are merged, anything else is replaced. */
function merge(base: YamlMap, over: YamlMap): YamlMap {
  const replaced = Object.entries(over).map(([key, value]) => {
    const before = Object.hasOwn(base, key) ? base[key] : undefined;
    return [key, isMap(before) && isMap(value) ? merge(before, value) : value];
  });
  return Object.fromEntries([...Object.entries(base), ...replaced]);
}
