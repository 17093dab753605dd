import type { KubeObject } from "./objects.ts";

interface KeyValue {
  readonly key: string;
  readonly value: string;
  readonly mod_revision: string;
}

/** How often a rewrite is tried when a controller writes the same object in between. */
const REWRITE_ATTEMPTS = 20;

/** The largest transaction etcd takes (`--max-txn-ops`). */
const MAX_OPERATIONS = 128;

/**
 * The store under the API server, by the JSON gateway of etcd: for states which the API refuses to create, such
 * as a pod that is 61 days old. Watchers see such a change like any other.
 */
export class Etcd {
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  /**
   * Changes one stored object, and again on the newer state if somebody else changed it meanwhile.
   *
   * @param key - without the prefix: `pods/<namespace>/<name>`, `deployments/<namespace>/<name>`
   */
  async rewrite<T extends KubeObject>(key: string, mutate: (object: T) => void): Promise<T> {
    for (let attempt = 0; attempt < REWRITE_ATTEMPTS; attempt++) {
      const stored = await this.#read(key);
      const object = JSON.parse(Buffer.from(stored.value, "base64").toString()) as T;
      mutate(object);
      const unchanged = { key: stored.key, target: "MOD", result: "EQUAL", modRevision: stored.mod_revision };
      const { succeeded } = await this.#call<{ succeeded?: boolean }>("kv/txn", {
        compare: [unchanged],
        success: [{ requestPut: { key: stored.key, value: base64(JSON.stringify(object)) } }],
      });
      if (succeeded) return object;
    }
    throw new Error(`${key} changed ${REWRITE_ATTEMPTS} times while being rewritten`);
  }

  /** Stores objects past admission, validation and controllers. */
  async write(entries: readonly { key: string; object: KubeObject }[]): Promise<void> {
    for (let start = 0; start < entries.length; start += MAX_OPERATIONS) {
      const batch = entries.slice(start, start + MAX_OPERATIONS);
      const put = ({ key, object }: { key: string; object: KubeObject }) => ({
        requestPut: { key: registryKey(key), value: base64(JSON.stringify(object)) },
      });
      await this.#call("kv/txn", { success: batch.map(put) });
    }
  }

  /** Forgets old revisions, so that a watch or a list which wants one is answered 410 Gone. */
  async compact(): Promise<void> {
    const { header } = await this.#call<{ header: { revision: string } }>("kv/range", { key: base64("/") });
    await this.#call("kv/compaction", { revision: header.revision, physical: true });
  }

  async #read(key: string): Promise<KeyValue> {
    const { kvs } = await this.#call<{ kvs?: KeyValue[] }>("kv/range", { key: registryKey(key) });
    if (kvs?.[0] === undefined) throw new Error(`etcd has no /registry/${key}`);
    return kvs[0];
  }

  async #call<T>(path: string, body: object): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${this.#port}/v3/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`etcd ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }
}

function registryKey(key: string): string {
  return base64(`/registry/${key}`);
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
