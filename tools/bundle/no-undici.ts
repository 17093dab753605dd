/**
 * Stands in for undici in the functions: requests go through node:https, where every cluster has its own CA. The parts of the
 * Kubernetes client that would use it are not in the bundle, but their imports must be found.
 */
const absent = (): never => {
  throw new Error("The functions send no request through undici.");
};

export { absent as Agent, absent as fetch, absent as ProxyAgent };
