import { spawnSync } from "node:child_process";
import { TOOLS_MODULE } from "./binaries.ts";

/** Whether the programs can be built here, and if not the reason a skipped suite shows. */
export type Toolchain =
  | { readonly ok: true; readonly goVersion: string; readonly platform: string }
  | { readonly ok: false; readonly reason: string };

/** Asks Go itself, inside the module: it also answers whether this Go is new enough for the pins. */
export function toolchain(): Toolchain {
  if (process.platform === "win32") {
    return { ok: false, reason: "the control plane needs unix signals and sockets: Windows is not supported" };
  }
  const answer = spawnSync("go", ["env", "GOVERSION", "GOOS", "GOARCH"], { cwd: TOOLS_MODULE, encoding: "utf8" });
  if (answer.error) {
    const { code, message } = answer.error as NodeJS.ErrnoException;
    return { ok: false, reason: code === "ENOENT" ? "`go` is not on the PATH" : message };
  }
  if (answer.status !== 0) {
    return { ok: false, reason: `\`go\` refuses test/cluster/tools/go.mod: ${answer.stderr.trim()}` };
  }
  const [goVersion = "", os = "", architecture = ""] = answer.stdout.trim().split("\n");
  return { ok: true, goVersion, platform: `${os}/${architecture}` };
}
