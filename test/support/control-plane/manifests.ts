import { createHash } from "node:crypto";
import { stringify } from "yaml";
import type { KubeObject } from "./cluster/objects.ts";

export const CONFIG_PATH = "/usr/local/apisix/conf/config.yaml";

/** A gateway as the official Helm chart lays it out; every part that matters to the guard can be set. */
export interface GatewayOptions {
  /** Of the workload, its ConfigMap, its ServiceAccount and, as `app.kubernetes.io/instance`, its release. */
  readonly name: string;
  readonly namespace: string;
  /** 2 by default; a DaemonSet has none. */
  readonly replicas?: number;
  /** `apache/apisix:3.9.0-debian` by default, whose token is read once. */
  readonly image?: string;
  readonly serviceAccount?: string;
  /** Content of `config.yaml`: text as it is, or an object. By default discovery of Services in the same cluster. */
  readonly config?: string | object;
  /** Annotations and labels of the workload, added to those of the chart. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly podAnnotations?: Readonly<Record<string, string>>;
  /** Pins all pods to one node, as is needed without a scheduler. */
  readonly node?: string;
  /** How long each step of a simulated pod takes, in milliseconds. */
  readonly delays?: Readonly<Partial<Record<"create" | "start" | "ready" | "delete", number>>>;
  /** Deep-merged over `spec`: `{ strategy: … }`, `{ paused: true }`, `{ template: { spec: … } }`. Lists are replaced. */
  readonly spec?: object;
  /** Beside the container `apisix`. */
  readonly sidecars?: readonly { readonly name: string; readonly image: string }[];
}

export function gatewayDeployment(options: GatewayOptions): KubeObject {
  return workload("Deployment", options, { replicas: options.replicas ?? 2 });
}

export function gatewayStatefulSet(options: GatewayOptions): KubeObject {
  return workload("StatefulSet", options, { replicas: options.replicas ?? 2, serviceName: options.name });
}

/** Needs a scheduler, or `node`, which makes it one pod. */
export function gatewayDaemonSet(options: GatewayOptions): KubeObject {
  return workload("DaemonSet", options, {});
}

/** What such a workload refers to: its ServiceAccount and its ConfigMap. */
export function gatewaySupport(options: GatewayOptions): KubeObject[] {
  const { name, namespace, serviceAccount = name } = options;
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: serviceAccount, namespace } },
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name, namespace, labels: chartLabels(options) },
      data: { "config.yaml": configText(options) },
    },
  ];
}

/** Selects the pods of a gateway. */
export function gatewaySelector(name: string): string {
  return `app.kubernetes.io/instance=${name}`;
}

function workload(kind: string, options: GatewayOptions, spec: object): KubeObject {
  const { name, namespace, annotations = {} } = options;
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name, namespace, labels: chartLabels(options), annotations },
    spec: merge(
      { ...spec, selector: { matchLabels: selectorLabels(name) }, template: podTemplate(options) },
      options.spec ?? {},
    ),
  };
}

function podTemplate(options: GatewayOptions): object {
  const { name, serviceAccount = name, node, podAnnotations = {}, sidecars = [] } = options;
  const checksum = createHash("sha256").update(configText(options)).digest("hex");
  return {
    metadata: {
      labels: selectorLabels(name),
      annotations: { "checksum/config": checksum, ...delayAnnotations(options.delays), ...podAnnotations },
    },
    spec: {
      serviceAccountName: serviceAccount,
      ...(node === undefined ? {} : { nodeName: node }),
      containers: [
        {
          name: "apisix",
          image: imageOf(options),
          ports: [{ name: "http", containerPort: 9080, protocol: "TCP" }],
          volumeMounts: [{ name: "apisix-config", mountPath: CONFIG_PATH, subPath: "config.yaml" }],
        },
        ...sidecars,
      ],
      volumes: [{ name: "apisix-config", configMap: { name } }],
    },
  };
}

function configText({ config = { apisix: { node_listen: 9080 }, discovery: { kubernetes: {} } } }: GatewayOptions) {
  return typeof config === "string" ? config : stringify(config);
}

function imageOf({ image = "apache/apisix:3.9.0-debian" }: GatewayOptions): string {
  return image;
}

function selectorLabels(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": "apisix", "app.kubernetes.io/instance": name };
}

/** The chart sets the version from its own appVersion; most often that is the tag without the flavour. */
function chartLabels(options: GatewayOptions): Record<string, string> {
  const version = imageOf(options).match(/:(\d+\.\d+\.\d+)/)?.[1];
  return {
    ...selectorLabels(options.name),
    ...(version === undefined ? {} : { "app.kubernetes.io/version": version }),
    "app.kubernetes.io/managed-by": "Helm",
    "helm.sh/chart": "apisix-2.7.0",
    ...options.labels,
  };
}

function delayAnnotations(delays: GatewayOptions["delays"] = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(delays).map(([step, ms]) => [`kwok.test/${step}-delay`, `${ms}ms`]));
}

function merge(base: object, over: object): object {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isPlain(below) && isPlain(value) ? merge(below, value) : value;
  }
  return merged;
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
