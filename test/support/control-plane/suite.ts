import { afterAll, describe, inject } from "vitest";
import type { Binaries } from "./build/binaries.ts";
import { attach, type Cluster } from "./cluster.ts";

/** What `test/cluster/global-setup.ts` hands to the workers. */
export type ProvidedControlPlane =
  | { readonly ok: true; readonly runDirectory: string; readonly binaries: Binaries }
  | { readonly ok: false; readonly reason: string };

declare module "vitest" {
  interface ProvidedContext {
    controlPlane: ProvidedControlPlane;
  }
}

export interface SharedCluster {
  /** One for all files, with a scheduler and three nodes: each test takes a namespace of its own. */
  readonly cluster: Cluster;
  /** For tests that start a control plane with other flags. */
  readonly binaries: Binaries;
}

/**
 * `describe` for tests that need a real control plane. Where none can be built, the suite is skipped and its name
 * says why. The body may use what it is given inside tests and hooks only, because a skipped body is run as well.
 */
export function describeCluster(name: string, body: (shared: SharedCluster) => void): void {
  const provided = inject("controlPlane");
  if (!provided.ok) {
    describe.skip(`${name} [skipped: ${provided.reason}]`, () => body({} as SharedCluster));
    return;
  }
  describe(name, () => {
    const cluster = attach(provided.runDirectory);
    afterAll(() => cluster.disconnect());
    body({ cluster, binaries: provided.binaries });
  });
}
