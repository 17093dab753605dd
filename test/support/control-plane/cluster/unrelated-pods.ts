import { randomUUID } from "node:crypto";
import type { Etcd } from "./etcd.ts";
import type { Pod } from "./objects.ts";
import { timestamp } from "./pods.ts";

/** Of pods in one application, to give labels some variety. */
const PODS_PER_APPLICATION = 25;

/**
 * Fills a namespace with Ready pods of other people's applications, straight into etcd: 5,000 in a few seconds,
 * which through the API and kwok would take minutes.
 */
export async function writeUnrelatedPods(etcd: Etcd, namespace: string, count: number): Promise<void> {
  const pods = Array.from({ length: count }, (_, index) => unrelatedPod(namespace, index));
  await etcd.write(pods.map((object) => ({ key: `pods/${namespace}/${object.metadata.name}`, object })));
}

function unrelatedPod(namespace: string, index: number): Pod {
  const app = `app-${Math.floor(index / PODS_PER_APPLICATION)}`;
  const name = `${app}-${String(index).padStart(5, "0")}`;
  const now = timestamp(new Date());
  const condition = (type: string) => ({ type, status: "True", lastProbeTime: null, lastTransitionTime: now });
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace,
      uid: randomUUID(),
      creationTimestamp: now,
      labels: { "app.kubernetes.io/name": app, "app.kubernetes.io/instance": app, tier: "backend" },
      annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "9090" },
    },
    spec: {
      nodeName: "node-1",
      restartPolicy: "Always",
      dnsPolicy: "ClusterFirst",
      schedulerName: "default-scheduler",
      serviceAccountName: "default",
      securityContext: {},
      terminationGracePeriodSeconds: 30,
      containers: [container(app), container(`${app}-sidecar`)],
    },
    status: {
      phase: "Running",
      startTime: now,
      conditions: ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map(condition),
      containerStatuses: [app, `${app}-sidecar`].map((each) => containerStatus(each, now)),
    },
  };
}

function container(name: string) {
  return {
    name,
    image: `registry.example/${name}:1.0`,
    imagePullPolicy: "IfNotPresent",
    env: [{ name: "JAVA_OPTS", value: "-Xmx512m" }],
    resources: { requests: { cpu: "100m", memory: "256Mi" } },
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
  };
}

function containerStatus(name: string, startedAt: string) {
  return {
    name,
    image: `registry.example/${name}:1.0`,
    imageID: `registry.example/${name}@sha256:0`,
    containerID: `containerd://${randomUUID()}`,
    ready: true,
    started: true,
    restartCount: 0,
    state: { running: { startedAt } },
    lastState: {},
  };
}
