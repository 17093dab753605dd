import { join } from "node:path";
import type { Plugin } from "esbuild";

const NAME = "@kubernetes/client-node";
const INSIDE = new RegExp(`/node_modules/${NAME}/`);
const SEEN = "kubernetes-client";

/**
 * Takes from the Kubernetes client what the guard uses. The package does not declare that its modules are free of side effects, so
 * esbuild would keep its kubeconfig reader, WebSockets, SOCKS and tar: twice the time of a cold start. Its serializer is replaced by one
 * that leaves objects as they are.
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
  },
};
