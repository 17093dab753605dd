import { type Instant, MINUTE } from "../../../src/model/time.ts";
import { isReady, type Pod } from "../control-plane/cluster/objects.ts";
import { ageContainers, agePod } from "./ageing.ts";
import { GATEWAY, type PlacedGateway } from "./placed-gateway.ts";

/** What happens to a gateway that has run for a while. */
export type Change = (gateway: PlacedGateway, now: Instant) => Promise<void>;

const template = (annotations: object) => ({ template: { metadata: { annotations } } });

/** A new template whose pods do not become Ready. */
const HANGING = template({ revision: "2", "kwok.test/never-ready": "true" });

const someHang = (pods: readonly Pod[]): boolean =>
  pods.some((pod) => pod.metadata.annotations?.revision === "2" && pod.status.phase === "Running" && !isReady(pod));

export const pause: Change = ({ patch }) => patch({ spec: { paused: true } });

/** Somebody deletes its ServiceAccount; the binding stands, so a review of its rights still says yes. */
export const loseServiceAccount: Change = ({ cluster, namespace }) =>
  cluster.api.delete(`/api/v1/namespaces/${namespace}/serviceaccounts/${GATEWAY}`);

/** Somebody's rollout is under way. */
export const rollOut: Change = async ({ patch, until }) => {
  await patch({ spec: HANGING });
  await until("a rollout to hang", (_, pods) => someHang(pods));
};

/** Somebody's rollout ran into its deadline. */
export const failToRollOut: Change = async ({ patch, until }) => {
  await patch({ spec: { ...HANGING, progressDeadlineSeconds: 1 } });
  await until("the rollout to fail", ({ status }, pods) => {
    const reasons = (status.conditions as { reason?: string }[]).map(({ reason }) => reason);
    return reasons.includes("ProgressDeadlineExceeded") && someHang(pods);
  });
};

/** Somebody's rollout has hung for eleven minutes; only a Deployment would say so itself. */
export const hangForMinutes: Change = async (gateway, now) => {
  await rollOut(gateway, now);
  const { cluster, namespace } = gateway;
  const hanging = (await gateway.pods()).filter((pod) => someHang([pod]));
  await Promise.all(hanging.map(({ metadata: { name } }) => agePod(cluster, { namespace, name }, now - 11 * MINUTE)));
};

/** The containers crash and are started again in the same pods. */
export const restartContainers =
  (ago: number): Change =>
  async ({ cluster, namespace, pods }, now) => {
    const refs = (await pods()).map(({ metadata: { name } }) => ({ namespace, name }));
    await Promise.all(refs.map((pod) => cluster.pods.restartContainer(pod, "apisix")));
    await Promise.all(refs.map((pod) => ageContainers(cluster, pod, now - ago)));
  };

/** Somebody edits the ConfigMap and leaves the pods alone. */
export const editConfig =
  (text: string): Change =>
  async ({ cluster, namespace }) => {
    await cluster.api.patch(`/api/v1/namespaces/${namespace}/configmaps/${GATEWAY}`, { data: { "config.yaml": text } });
  };

/** Other applications move into the same namespace. */
export const crowdIn =
  (pods: number): Change =>
  ({ cluster, namespace }) =>
    cluster.writeUnrelatedPods(namespace, pods);
