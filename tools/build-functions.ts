/**
 * Builds the Lambda functions and the configuration they carry into dist/functions/, or into the folder given. Refuses a guard.yml
 * with mistakes, so that nothing is deployed with one. GUARD_CONFIG names another file; without any file the configuration is empty.
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { loadText } from "../src/config/load.ts";
import { PACKAGED_CONFIG } from "../src/config/packaged.ts";
import { parseConfig } from "../src/config/parse.ts";
import { readYaml } from "../src/config/yaml.ts";
import { explain } from "../src/report/explain.ts";
import { kubernetesClient } from "./bundle/kubernetes-client.ts";

const outdir = process.argv[2] ?? "dist/functions";

try {
  const { text, name } = await loadText(process.env.GUARD_CONFIG || null);
  const { warnings } = parseConfig(text, name);
  for (const warning of warnings) process.stderr.write(`${name}: ${warning}\n`);
  const yaml = readYaml(text);
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  await writeFile(join(outdir, PACKAGED_CONFIG), JSON.stringify((yaml.ok ? yaml.tree : null) ?? {}));
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
}
await bundle();

function bundle() {
  return build({
    entryPoints: ["functions/sweep.ts", "functions/remediate.ts", "functions/refresh.ts"],
    outdir,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    // As a module, `import "node:http"` alone costs 26 ms of every cold start: it reads getters that load all of undici.
    format: "cjs",
    platform: "node",
    target: "node24",
    minify: true,
    legalComments: "none",
    // What is imported when it is needed stays in the file, and is run only then.
    supported: { "dynamic-import": false },
    define: { "import.meta.dirname": "__dirname" },
    alias: {
      // A function's credentials are in its environment; the other ways to get some are 116 KB and 10 ms.
      "@aws-sdk/credential-provider-node": "./tools/bundle/environment-credentials.ts",
      "node:http2": "./tools/bundle/no-http2.ts",
      // The Kubernetes client's own transport, which ours takes the place of.
      undici: "./tools/bundle/no-undici.ts",
    },
    plugins: [kubernetesClient],
    logLevel: "warning",
  });
}
