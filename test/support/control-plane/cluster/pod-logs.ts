import { appendFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunDirectory } from "../boot/run-directory.ts";
import type { ApiClient } from "./api.ts";
import type { Applier } from "./apply.ts";
import { criLines, type LogLine } from "./log-lines.ts";
import { type PodRef, podPath } from "./objects.ts";
import { waitFor } from "./wait.ts";

/** What a container wrote: lines, or the file's content as it is, where that itself is what is tested. */
export type LogContent = { readonly container: string; readonly previous?: boolean } & (
  | { readonly lines: readonly (string | LogLine)[] }
  | { readonly text: string }
);

/**
 * A request that comes just when kwok hears of a new object can make it remember the list without that object, until
 * any other object of the kind changes (kwok's config/resources/cache.go: the version it remembers is ahead of its
 * store). So an object that is not seen after some attempts is changed again.
 */
const ATTEMPTS_BEFORE_TOUCH = 6;

/**
 * The logs of simulated pods. kwok serves `pods/log` from a file, which an object of kind Logs names: one object
 * per pod, because the name is fixed and knows no placeholders.
 *
 * Where kwok differs from a kubelet: a container that has not started answers 200 with what is in the file, and
 * a missing file 400 with its path.
 */
export class PodLogs {
  readonly #directory: RunDirectory;
  readonly #api: ApiClient;
  readonly #applier: Applier;

  constructor(directory: RunDirectory, api: ApiClient, applier: Applier) {
    this.#directory = directory;
    this.#api = api;
    this.#applier = applier;
  }

  /** Replaces the log of one container. The pod must run; resolves when the API serves the log. */
  async set(pod: PodRef, content: LogContent): Promise<void> {
    await this.#write(writeFile, pod, content);
    await this.#serve(pod, content);
  }

  /** Adds to a log that has been set; a reader with `follow` gets it at once. */
  async append(pod: PodRef, content: LogContent): Promise<void> {
    await this.#write(appendFile, pod, content);
  }

  /** As if the node had lost them: from then on 400. */
  async remove(pod: PodRef): Promise<void> {
    await rm(this.#directory.podLogs(pod.namespace, pod.name), { recursive: true, force: true });
    await this.#api.request("DELETE", logsPath(pod));
  }

  async #write(how: typeof writeFile, pod: PodRef, content: LogContent): Promise<void> {
    const directory = this.#directory.podLogs(pod.namespace, pod.name);
    await mkdir(directory, { recursive: true });
    const text = "text" in content ? content.text : criLines(content.lines);
    await how(join(directory, content.previous ? `${content.container}.previous` : content.container), text);
  }

  /** Lists the pod's files each time, so that several processes can set logs of the same pod. */
  async #serve(pod: PodRef, { container, previous }: LogContent): Promise<void> {
    const directory = this.#directory.podLogs(pod.namespace, pod.name);
    const files = await readdir(directory);
    const containers = [...new Set(files.map((file) => file.replace(/\.previous$/, "")))];
    const logs = containers.map((name) => ({
      containers: [name],
      logsFile: join(directory, name),
      ...(files.includes(`${name}.previous`) ? { previousLogsFile: join(directory, `${name}.previous`) } : {}),
    }));
    const query = `container=${container}&limitBytes=1&previous=${previous ?? false}`;
    let attempt = 0;
    await waitFor(`the log of ${container} in ${pod.name}`, async () => {
      if (attempt % ATTEMPTS_BEFORE_TOUCH === 0) {
        await this.#applier.apply({
          apiVersion: "kwok.x-k8s.io/v1alpha1",
          kind: "Logs",
          metadata: { name: pod.name, namespace: pod.namespace, annotations: { attempt: String(attempt) } },
          spec: { logs },
        });
      }
      attempt++;
      const { status, text } = await this.#api.request("GET", `${podPath(pod)}/log?${query}`);
      if (status !== 200) throw new Error(text);
      return true;
    });
  }
}

function logsPath({ namespace, name }: PodRef): string {
  return `/apis/kwok.x-k8s.io/v1alpha1/namespaces/${namespace}/logs/${name}`;
}
