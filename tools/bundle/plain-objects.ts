/**
 * Stands in for the Kubernetes client's ObjectSerializer in the functions. The original turns every answer into objects of 914 model
 * classes, which are a fifth of the bundle and of a cold start; the guard takes what the API server sends as it is (model/kubernetes.ts).
 */
export const ObjectSerializer = {
  serialize: <T>(data: T): T => data,
  deserialize: <T>(data: T): T => data,
  getPreferredMediaType: (): string => "application/json",
  normalizeMediaType: (type: string | undefined): string | undefined => type?.split(";", 1)[0]?.trim().toLowerCase(),
  stringify: (data: unknown): string => JSON.stringify(data),
  parse: (text: string): unknown => JSON.parse(text),
};
