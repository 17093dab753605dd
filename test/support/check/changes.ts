import { formatLastRestart } from "../../../src/evidence/last-restart.ts";
import { LAST_RESTART_ANNOTATION, RESTARTED_AT_ANNOTATION } from "../../../src/model/annotations.ts";
import { type Instant, isoSeconds, MINUTE } from "../../../src/model/time.ts";
import { isReady, type Pod } from "../control-plane/cluster/objects.ts";
import { ageContainers, agePod } from "./ageing.ts";
import { GATEWAY, type PlacedGateway } from "./placed-gateway.ts";

/** What happens to a gateway that has run for a while. */
export type Change = (gateway: PlacedGateway, now: Instant) => Promise<void>;

const template = (annotations: object) => ({ template: { metadata: { annotations } } });

/** Of a new template whose pods do not become Ready. */
const NEVER_READY = { revision: "2", "kwok.test/never-ready": "true" };
const HANGING = template(NEVER_READY);

const someHang = (pods: readonly Pod[]): boolean =>
  pods.some((pod) => pod.metadata.annotations?.revision === "2" && pod.status.phase === "Running" && !isReady(pod));

export const pause: Change = ({ patch }) => patch({ spec: { paused: true } });

/** Somebody deletes its ServiceAccount; the binding stands, so a review of its rights still says yes. */
export const loseServiceAccount: Change = ({ cluster, namespace }) =>
  cluster.api.delete(`/api/v1/namespaces/${namespace}/serviceaccounts/${GATEWAY}`);

/** Somebody's rollout is under way. */
export const rollOut: Change = (gateway) => hang(gateway, { spec: HANGING });

async function hang({ patch, until }: PlacedGateway, change: object): Promise<void> {
  await patch(change);
  await until("a rollout to hang", (_, pods) => someHang(pods));
}

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
  await ageHanging(gateway, now - 11 * MINUTE);
};

async function ageHanging({ cluster, namespace, pods }: PlacedGateway, since: Instant): Promise<void> {
  const hanging = (await pods()).filter((pod) => someHang([pod]));
  await Promise.all(hanging.map(({ metadata: { name } }) => agePod(cluster, { namespace, name }, since)));
}

/** The guard restarted it eleven minutes ago, and its new pods do not become Ready. */
export const hangSinceRestart: Change = async (gateway, now) => {
  const at = now - 11 * MINUTE;
  const note = { at, reason: "RestartIntervalReached", result: null, lifetime: null };
  await hang(gateway, {
    metadata: { annotations: { [LAST_RESTART_ANNOTATION]: formatLastRestart(note) } },
    spec: template({ ...NEVER_READY, [RESTARTED_AT_ANNOTATION]: isoSeconds(at) }),
  });
  await ageHanging(gateway, at);
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
