/**
 * The cold start of the functions in a stand-in for Lambda's runtime: from the start of the process until it asks for work, against
 * a handler that does nothing, and against the same function bundled without any care (`node bench/lambda.ts [ROUNDS]`).
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { startEnvironment } from "../test/support/lambda/environment.ts";
import { least, report } from "./support/measure.ts";

const ROUNDS = Number(process.argv[2] ?? 15);
const FOLDER = "dist/functions";
const KIB = 1024;

const folder = await mkdtemp(join(tmpdir(), "bench-lambda-"));
/** As on Lambda, the runtime is JavaScript: Node would take longer to read TypeScript than to start a function. */
const BOOTSTRAP = join(folder, "bootstrap.mjs");
try {
  await measure();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const built = join(folder, FOLDER);
  await mkdir(built, { recursive: true });
  process.argv[2] = built;
  await import("../tools/build-functions.ts");
  await writeFile(join(built, "empty.cjs"), "exports.handler = async () => ({});\n");
  await naive(join(built, "naive.cjs"));
  await build({
    entryPoints: ["test/support/lambda/bootstrap.ts"],
    outfile: BOOTSTRAP,
    bundle: true,
    format: "esm",
    platform: "node",
  });

  const names = ["empty", "naive", "sweep", "remediate", "refresh"] as const;
  const millis = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) for (const name of names) millis.get(name)?.push(await initMillis(name));
  const init = (name: (typeof names)[number]) => least(millis.get(name) ?? []);
  for (const name of names) {
    const code = await readFile(join(built, `${name}.cjs`));
    const sizes = `${(code.length / KIB).toFixed(0)} KiB, ${(gzipSync(code).length / KIB).toFixed(0)} KiB packed`;
    console.log(`${name.padEnd(10)} init ${init(name).toFixed(0)} ms at least, ${sizes}`);
  }
  report([
    { what: "init of remediate / careless bundle", value: init("remediate") / init("naive"), most: 0.6 },
    { what: "init of remediate / empty handler", value: init("remediate") / init("empty"), most: 3.5 },
  ]);
}

/** What esbuild makes of the same handler by default, with the client's own kubeconfig reader and the SDK's own credentials. */
async function naive(outfile: string): Promise<void> {
  const entry = `
    import { KubeConfig } from "@kubernetes/client-node";
    import { defaultProvider } from "@aws-sdk/credential-provider-node";
    export { handler } from "./functions/remediate.ts";
    export const parts = [KubeConfig, defaultProvider];`;
  await build({
    stdin: { contents: entry, resolveDir: process.cwd(), loader: "ts" },
    outfile,
    bundle: true,
    platform: "node",
    target: "node24",
    minify: true,
    define: { "import.meta.dirname": "__dirname" },
    logLevel: "error",
  });
}

async function initMillis(name: string): Promise<number> {
  const settings = {
    name,
    handler: `${FOLDER}/${name}.handler`,
    region: "eu-west-1",
    memoryMb: 512,
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example", sessionToken: "example" },
    env: { POWERTOOLS_SERVICE_NAME: "bench", POWERTOOLS_METRICS_NAMESPACE: "Bench" },
  };
  const started = performance.now();
  const environment = await startEnvironment(settings, folder, 10_000, BOOTSTRAP);
  await environment.initialised();
  const ended = performance.now();
  await environment.stop();
  return ended - started;
}
