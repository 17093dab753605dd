/**
 * Runs `remediate` in a process of its own, so that it can be killed:
 *
 *     node test/support/guard/remediate-process.ts RUN_DIRECTORY NAMESPACE…
 */
import { attach } from "../control-plane/cluster.ts";
import { remediateAsGuard } from "./run.ts";

const [runDirectory = "", ...namespaces] = process.argv.slice(2);
const cluster = attach(runDirectory);
process.stdout.write("begun\n");
const { report } = await remediateAsGuard(cluster, namespaces);
cluster.disconnect();
process.stdout.write(`${report.gateways.map(({ outcome }) => outcome?.result).join()}\n`);
