import type { Plugin } from "esbuild";

const RESOLVED = "free-of-side-effects";

/**
 * Lets esbuild drop the modules of a package that nothing uses, which the package itself does not declare to be safe. Without it
 * the Kubernetes client brings along its kubeconfig reader, WebSockets, SOCKS and tar: twice the time of a cold start.
 */
export function freeOfSideEffects(name: string): Plugin {
  const own = new RegExp(`/node_modules/${name}/`);
  return {
    name: RESOLVED,
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${name}$|^\\.`) }, async ({ path, importer, pluginData, ...rest }) => {
        if (pluginData === RESOLVED || (path !== name && !own.test(importer))) return undefined;
        const resolved = await build.resolve(path, { ...rest, importer, pluginData: RESOLVED });
        return { ...resolved, sideEffects: false };
      });
    },
  };
}
