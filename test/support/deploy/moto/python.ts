import { spawnSync } from "node:child_process";

/** Whether moto can be installed here, and if not the reason a skipped suite shows. */
export type Python = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** `ensurepip` is what a virtual environment gets its pip from; Debian leaves it out of python3. */
const ASK = "import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 11) else 'python3 is older than 3.11')";

export function python(): Python {
  const answer = spawnSync("python3", ["-c", ASK], { encoding: "utf8" });
  if (answer.error) {
    const { code, message } = answer.error as NodeJS.ErrnoException;
    return { ok: false, reason: code === "ENOENT" ? "`python3` is not on the PATH" : message };
  }
  if (answer.status === 0) return { ok: true };
  const reason = answer.stderr.trim().split("\n").at(-1) ?? "";
  return { ok: false, reason: reason.includes("No module named") ? "python3 comes without venv and pip" : reason };
}
