import type { IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { toWatch } from "../../model/asked.ts";
import type { KubeWorkload } from "../../model/kubernetes.ts";
import { type Millis, SECOND } from "../../model/time.ts";
import type { WorkloadKind } from "../../model/workload.ts";
import type { Workloads } from "../../ports.ts";
import { attempt } from "./attempt.ts";
import { failedConnection } from "./failed-connection.ts";
import { PLURALS } from "./plurals.ts";
import { invalidAnswer } from "./request-failed.ts";
import type { ServerAddress } from "./server-address.ts";
import type { Transport } from "./transport.ts";

/**
 * A watch of one workload, straight from the transport: the client library's own Watch needs KubeConfig. Without a resourceVersion
 * the API server begins with the object as it is, so nothing is missed between the last look and this.
 */
export function followWorkload(
  { basePath, label }: ServerAddress,
  transport: Transport,
  workload: Workloads["workload"],
): Workloads["follow"] {
  return async (ref, until, maxTime) => {
    const query = new URLSearchParams({
      watch: "true",
      fieldSelector: `metadata.name=${ref.name}`,
      timeoutSeconds: String(Math.max(1, Math.ceil(maxTime / SECOND))),
    });
    const path = `${basePath}/apis/apps/v1/namespaces/${encodeURIComponent(ref.namespace)}/${PLURALS[ref.kind]}?${query}`;
    const asked = toWatch(ref);
    const opened = await attempt(asked, label, () =>
      transport.open({ method: "GET", path, headers: { accept: "application/json" } }),
    );
    if (!opened.ok) return opened;
    const seen: WatchOptions["seen"] = (event) => isLast(event, ref.kind, until, label);
    const followed = attempt(asked, label, () => readEvents(opened.value, { label, maxTime, seen }));
    // A watch of what is not there says nothing until its time is over.
    const current = await workload(ref);
    if (current.ok) return followed;
    opened.value.destroy();
    await followed;
    return current;
  };
}

interface WatchOptions {
  readonly label: string;
  readonly maxTime: Millis;
  /** Whether this event is the last of interest; throws on one that is not an event. */
  readonly seen: (event: unknown) => boolean;
}

/** Reads one event a line until the last of interest, the end of the answer, or the time is over. */
function readEvents(response: IncomingMessage, { label, maxTime, seen }: WatchOptions): Promise<null> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: response });
    const end = (error?: unknown) => {
      clearTimeout(timer);
      // Before anything is closed: that ends it as well, and as a success.
      if (error === undefined) resolve(null);
      else reject(error);
      lines.close();
      response.destroy();
    };
    const timer = setTimeout(end, maxTime, undefined);
    lines.on("line", (line) => {
      try {
        if (seen(JSON.parse(line))) end();
      } catch (error) {
        end(error);
      }
    });
    lines.once("close", () => end());
    response.once("close", () => end());
    // readline throws what its input meets where nobody listens, which would end the program.
    for (const source of [lines, response]) source.on("error", (error) => end(failedConnection(error, label)));
  });
}

function isLast(event: unknown, kind: WorkloadKind, until: (seen: KubeWorkload) => boolean, label: string): boolean {
  if (typeof event !== "object" || event === null || !("type" in event) || !("object" in event)) {
    throw invalidAnswer(label, "a watch event of another form");
  }
  switch (event.type) {
    case "ADDED":
    case "MODIFIED":
      // The fields are all optional and checked where they are used, as those of every other answer.
      return until({ kind, object: event.object as object });
    case "DELETED":
      return true;
    default:
      throw invalidAnswer(label, "a watch that ended in an error");
  }
}
