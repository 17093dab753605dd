/**
 * `npm run demo`: the story on a cluster in memory. `npm run demo -- --cluster`: on a real etcd, kube-apiserver and controllers, which
 * takes Go to build them once, and about a minute.
 */
import { spawnSync } from "node:child_process";

if (process.argv.includes("--cluster")) {
  const { demoOnCluster } = await import("../test/support/demo-on-cluster.ts");
  await demoOnCluster();
} else {
  process.exitCode = spawnSync(process.execPath, ["dist/cli.js", "demo"], { stdio: "inherit" }).status ?? 1;
}
