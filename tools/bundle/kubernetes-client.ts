import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "esbuild";

const NAME = "@kubernetes/client-node";
const INSIDE = new RegExp(`/node_modules/${NAME}/`);
const SEEN = "kubernetes-client";

/** The only code that calls the client. */
const CALLERS = "src/adapters/kubernetes";

/** A method of a generated class; the generator indents all of them alike. */
const METHOD = /^ {4}(?:async )?(\w+)\([^\n]*\) \{\n[\s\S]*?^ {4}\}\n/gm;

/**
 * Takes from the Kubernetes client what the guard uses. The package does not declare that its modules are free of side effects, so
 * esbuild would keep its kubeconfig reader, WebSockets, SOCKS and tar: twice the time of a cold start. Its serializer is replaced by one
 * that leaves objects as they are, and of its generated classes only the methods stay that are called: the others are 0.8 MB that Node
 * reads at every cold start, a twelfth of it (bench/lambda.ts).
 */
export const kubernetesClient: Plugin = {
  name: SEEN,
  setup(build) {
    build.onResolve({ filter: new RegExp(`^${NAME}$|^\\.`) }, async ({ path, importer, pluginData, ...rest }) => {
      if (pluginData === SEEN || (path !== NAME && !INSIDE.test(importer))) return undefined;
      if (path.endsWith("/ObjectSerializer.js")) return { path: join(import.meta.dirname, "plain-objects.ts") };
      const resolved = await build.resolve(path, { ...rest, importer, pluginData: SEEN });
      return { ...resolved, sideEffects: false };
    });
    const called = calledMethods();
    build.onLoad({ filter: /\/client-node\/dist\/gen\/(?:apis|types)\/\w+\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(METHOD, (text, name: string) =>
        name === "constructor" || called.has(name.replace(/WithHttpInfo$/, "")) ? text : "",
      ),
    }));
  },
};

/** The names of all methods that the adapter calls, on whatever object. */
function calledMethods(): ReadonlySet<string> {
  const sources = readdirSync(CALLERS).map((file) => readFileSync(join(CALLERS, file), "utf8"));
  const names = sources.flatMap((source) => [...source.matchAll(/\.(\w+)\(/g)].map(([, name = ""]) => name));
  return new Set(names.map((name) => name.replace(/WithHttpInfo$/, "")));
}
