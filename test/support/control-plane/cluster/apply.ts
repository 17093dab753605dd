import { parseAllDocuments } from "yaml";
import type { ApiClient } from "./api.ts";
import type { KubeObject } from "./objects.ts";

/** Objects as they are, or YAML text with any number of documents. */
export type Manifests = string | KubeObject | readonly KubeObject[];

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** `kubectl apply --server-side --force-conflicts`, without kubectl. */
export class Applier {
  readonly #api: ApiClient;
  readonly #resources = new Map<string, Promise<readonly ApiResource[]>>();

  constructor(api: ApiClient) {
    this.#api = api;
  }

  /** One after the other, as given: a namespace goes before what is in it. Returns what the server made of them. */
  async apply(manifests: Manifests): Promise<KubeObject[]> {
    const applied: KubeObject[] = [];
    for (const object of parse(manifests)) {
      const path = `${await this.path(object)}?fieldManager=control-plane-test&force=true`;
      applied.push(await this.#api.patch<KubeObject>(path, object, "application/apply-patch+yaml"));
    }
    return applied;
  }

  /** The path of an object, by discovery, hence also for kinds that a CustomResourceDefinition added. */
  async path({ apiVersion, kind, metadata }: KubeObject): Promise<string> {
    const resource = (await this.#discover(apiVersion)).find((each) => each.kind === kind);
    if (resource === undefined) throw new Error(`the server has no ${kind} in ${apiVersion}`);
    const namespace = resource.namespaced ? `/namespaces/${metadata.namespace ?? "default"}` : "";
    return `${root(apiVersion)}${namespace}/${resource.name}/${metadata.name}`;
  }

  /** Kept once it worked: a group that has only just been defined may still be missing. */
  #discover(apiVersion: string): Promise<readonly ApiResource[]> {
    const known = this.#resources.get(apiVersion);
    if (known) return known;
    const found = this.#api
      .get<{ resources: ApiResource[] }>(root(apiVersion))
      .then(({ resources }) => resources.filter(({ name }) => !name.includes("/")));
    this.#resources.set(apiVersion, found);
    found.catch(() => this.#resources.delete(apiVersion));
    return found;
  }
}

function root(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function parse(manifests: Manifests): readonly KubeObject[] {
  if (typeof manifests !== "string") return "kind" in manifests ? [manifests as KubeObject] : manifests;
  const documents = parseAllDocuments(manifests);
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => document.toJS() as KubeObject | null).filter((object) => object !== null);
}
