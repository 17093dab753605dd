import type { Read } from "../../../src/model/read.ts";
import type { Cluster } from "../../../src/ports.ts";

/**
 * Stands between the guard and one answer: may send, not send, send twice, wait, or give another answer.
 *
 * @param call the name of the port's method
 */
export type Around = <T>(call: string, send: () => Promise<Read<T>>) => Promise<Read<T>>;

/** The same cluster with something around every request, dry runs included. */
export function intercept(cluster: Cluster, around: Around): Cluster {
  return {
    workloads: wrapped(cluster.workloads, around),
    logs: wrapped(cluster.logs, around),
    exec: wrapped(cluster.exec, around),
    access: wrapped(cluster.access, around),
    restarter: wrapped(cluster.restarter, around),
    dryRunRestarter: wrapped(cluster.dryRunRestarter, around),
  };
}

/** Every method of a port is one request, also those that are not thought of yet. */
const wrapped = <P extends object>(port: P, around: Around): P =>
  new Proxy(port, {
    get: (target, name): unknown => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return (...args: unknown[]) => around(String(name), () => Reflect.apply(method, target, args));
    },
  });
