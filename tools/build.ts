/**
 * Builds the command line into dist/, or into the folder given. A bundle, because loading the Kubernetes client from
 * node_modules takes half a second; with splitting, so that `--help` loads none of it.
 */
import { chmod, rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const outdir = process.argv[2] ?? "dist";

await rm(outdir, { recursive: true, force: true });
await build({
  entryPoints: { cli: "src/cli/main.ts" },
  outdir,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  chunkNames: "chunks/[name]-[hash]",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  banner: {
    // Some dependencies are CommonJS and call require() for Node's own modules. esbuild keeps the shebang above it.
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  logLevel: "warning",
});
// npm does this where it links a bin, but not in a checkout of this very package.
await chmod(join(outdir, "cli.js"), 0o755);
