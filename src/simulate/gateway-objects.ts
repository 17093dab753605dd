import { DAY, type Instant, isoSeconds, type Millis } from "../model/time.ts";
import type { GatewayRef } from "../model/workload.ts";
import type { GatewaySpec } from "./gateway-spec.ts";
import { podTemplate, selectorLabels } from "./pod-template.ts";
import { grantKey, type SimulatedState } from "./state.ts";

/** Discovery of Services in the same cluster, as the chart renders it. */
const CONFIG = "apisix:\n  node_listen: 9080\ndiscovery:\n  kubernetes: {}\n";

/** Of a gateway about which nothing is said. */
export const AGE: Millis = 10 * DAY;

/** What a gateway needs: ServiceAccount, its permission, ConfigMap, nodes. */
export function putSupport(
  state: SimulatedState,
  spec: GatewaySpec,
  { namespace, name }: GatewayRef,
  nodes: number,
): void {
  const { serviceAccount = name, mayDiscover = true, config = CONFIG, createdAgo = AGE } = spec;
  const created = ago(state, createdAgo);
  state.store.put("ServiceAccount", {
    metadata: { namespace, name: serviceAccount, creationTimestamp: isoSeconds(created) },
  });
  if (mayDiscover) state.mayList.add(grantKey(namespace, serviceAccount, "endpoints"));
  if (config !== null) {
    const changed = isoSeconds(ago(state, spec.configChangedAgo ?? createdAgo));
    state.store.put("ConfigMap", {
      metadata: { namespace, name, creationTimestamp: isoSeconds(created), managedFields: [{ time: changed }] },
      data: { "config.yaml": config },
    });
  }
  for (let node = 1; node <= nodes; node++) {
    if (state.store.get("Node", null, `node-${node}`) !== null) continue;
    state.store.put("Node", {
      metadata: { name: `node-${node}` },
      status: { conditions: [{ type: "Ready", status: "True" }] },
    });
  }
}

/** The workload itself, without a status. */
export function putWorkload(
  state: SimulatedState,
  spec: GatewaySpec,
  { kind, namespace, name }: GatewayRef,
  replicas: number,
): void {
  const {
    image = "apache/apisix:3.9.1-debian",
    labels,
    annotations = {},
    serviceAccount = name,
    createdAgo = AGE,
  } = spec;
  const { strategy: type = "RollingUpdate", maxUnavailable, maxSurge, partition } = spec;
  const metadata = {
    namespace,
    name,
    creationTimestamp: isoSeconds(ago(state, createdAgo)),
    labels: { ...selectorLabels(name), ...labels },
    annotations: { ...annotations },
  };
  const selector = { matchLabels: selectorLabels(name) };
  const template = podTemplate({
    name,
    image,
    serviceAccount,
    hasConfig: spec.config !== null,
    annotations: spec.templateAnnotations ?? {},
    expirationSeconds: spec.expirationSeconds,
  });
  const rollingUpdate = defined({ maxUnavailable, maxSurge, partition });
  const strategy = type === "RollingUpdate" ? { type, rollingUpdate } : { type };
  switch (kind) {
    case "Deployment":
      state.store.put(kind, {
        metadata,
        spec: { replicas, selector, template, strategy, ...(spec.paused ? { paused: true } : {}) },
      });
      return;
    case "DaemonSet":
      state.store.put(kind, { metadata, spec: { selector, template, updateStrategy: strategy } });
      return;
    case "StatefulSet":
      state.store.put(kind, { metadata, spec: { replicas, selector, template, updateStrategy: strategy } });
      return;
  }
}

export const ago = ({ clock }: SimulatedState, age: Millis): Instant => clock.now() - age;

/** Without the fields that are undefined. */
export const defined = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
