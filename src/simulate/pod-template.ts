import { DEFAULT_TOKEN_FILE } from "../model/discovery.ts";
import type { KubePodSpec, KubePodTemplate } from "../model/kubernetes.ts";
import type { GatewaySpec } from "./gateway-spec.ts";

const TOKEN_DIRECTORY = DEFAULT_TOKEN_FILE.slice(0, DEFAULT_TOKEN_FILE.lastIndexOf("/"));

/** What Kubernetes asks for when it injects a token volume (serviceaccount admission, TokenVolumeSource). */
const INJECTED_EXPIRATION_SECONDS = 3607;

export const CONTAINER = "apisix";

/** The labels by which the official chart selects the pods of one release. */
export const selectorLabels = (name: string): Record<string, string> => ({
  "app.kubernetes.io/name": "apisix",
  "app.kubernetes.io/instance": name,
});

export interface TemplateParts {
  readonly name: string;
  readonly image: string;
  readonly serviceAccount: string;
  /** Whether its pods mount the ConfigMap of the gateway's name. */
  readonly hasConfig: boolean;
  readonly annotations: Readonly<Record<string, string>>;
  readonly expirationSeconds: GatewaySpec["expirationSeconds"];
}

export function podTemplate({
  name,
  image,
  serviceAccount,
  hasConfig,
  annotations,
  expirationSeconds,
}: TemplateParts): KubePodTemplate {
  const config = hasConfig ? [{ name: "apisix-config", configMap: { name } }] : [];
  const token = expirationSeconds === undefined ? [] : [tokenVolume("apisix-token", expirationSeconds)];
  return {
    metadata: { labels: selectorLabels(name), annotations: { ...annotations } },
    spec: {
      serviceAccountName: serviceAccount,
      containers: [
        {
          name: CONTAINER,
          image,
          volumeMounts: [
            ...config.map((volume) => ({
              name: volume.name,
              mountPath: "/usr/local/apisix/conf/config.yaml",
              subPath: "config.yaml",
            })),
            ...token.map((volume) => ({ name: volume.name, mountPath: TOKEN_DIRECTORY, readOnly: true })),
          ],
        },
      ],
      volumes: [...config, ...token],
    },
  };
}

/** The spec of a pod of this template: admission adds the token's volume where the template has none of its own. */
export function admittedSpec(template: KubePodTemplate, nodeName: string | null): KubePodSpec {
  const spec = structuredClone(template.spec ?? {});
  const containers = spec.containers ?? [];
  const hasToken = containers.some((container) =>
    container.volumeMounts?.some(({ mountPath }) => mountPath === TOKEN_DIRECTORY),
  );
  const placed = nodeName === null ? spec : { ...spec, nodeName };
  if (hasToken) return placed;
  const mount = { name: "kube-api-access-x7k2p", mountPath: TOKEN_DIRECTORY, readOnly: true };
  return {
    ...placed,
    containers: containers.map((container) => ({
      ...container,
      volumeMounts: [...(container.volumeMounts ?? []), mount],
    })),
    volumes: [...(spec.volumes ?? []), tokenVolume(mount.name, INJECTED_EXPIRATION_SECONDS)],
  };
}

const tokenVolume = (name: string, expirationSeconds: number) => ({
  name,
  projected: {
    sources: [
      { serviceAccountToken: { path: "token", expirationSeconds } },
      { configMap: { name: "kube-root-ca.crt" } },
      { downwardAPI: {} },
    ],
  },
});
