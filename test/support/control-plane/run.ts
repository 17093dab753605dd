/**
 * A control plane by hand, until Ctrl-C:
 *
 *     node test/support/control-plane/run.ts
 *     export KUBECONFIG=…    # as printed
 */
import { startControlPlane } from "./start.ts";

const cluster = await startControlPlane({ scheduler: true });
const { runDirectory, pids } = cluster;
process.stdout.write(`${JSON.stringify({ kubeconfig: cluster.kubeconfig(), runDirectory, pids })}\n`);

/** Something to wait for: the control plane itself lets its process end. */
process.stdin.resume();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void cluster.stop().then(() => process.exit(0)));
}
