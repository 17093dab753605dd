import { stringify } from "yaml";
import { admissionManifests } from "../../../src/manifests/admission-policy.ts";
import { type Manifest, rbacManifests } from "../../../src/manifests/rbac.ts";
import { DEFAULT_SELECTOR } from "../../../src/model/gateway-selector.ts";
import { TEST_USERS } from "../control-plane/boot/credentials.ts";
import { waitFor } from "../control-plane/cluster/wait.ts";
import type { Cluster } from "../control-plane/cluster.ts";
import { gatewayDeployment } from "../control-plane/manifests.ts";

/** Whom the published manifests make the guard: a user of this group, as the audit log names him. */
export const GUARD = { user: "keeper", token: TEST_USERS.keeper.token, group: "apisix-token-guard" } as const;

/** Likewise whom they let look, and no more. */
export const LOOKER = { user: "looker", token: TEST_USERS.looker.token, group: "apisix-token-guard-read" } as const;

const GROUPS = { group: GUARD.group, readGroup: LOOKER.group };
const NAMES = {
  rbac: ["apisix-token-guard", "apisix-token-guard-read"],
  policy: "apisix-token-guard-restart-only",
  probePolicy: "apisix-token-guard-probe-only",
};
const RBAC_PATH = "/apis/rbac.authorization.k8s.io/v1";
const ADMISSION_PATH = "/apis/admissionregistration.k8s.io/v1";

export const POLICY_PATH = `${ADMISSION_PATH}/validatingadmissionpolicies/${NAMES.policy}`;

/** Through YAML, the form in which people apply them. */
const asYaml = (manifests: readonly Manifest[]): string =>
  manifests.map((manifest) => stringify(manifest)).join("---\n");

/** What is asked for beyond the least. */
export interface Extras {
  /** With what the probe needs. */
  readonly probe?: boolean;
  /** With what the reload needs. */
  readonly reload?: boolean;
  /** For other workloads than the default's. */
  readonly selector?: string;
}

/** Grants the guard its published permissions; resolves when they are in force. Empty: the whole cluster. */
export async function grantPermissions(
  cluster: Cluster,
  namespaces: readonly string[],
  extras: Extras = {},
): Promise<void> {
  await cluster.apply(asYaml(rbacManifests({ ...GROUPS, namespaces, ...extras })));
  await waitFor("the guard's permissions to be in force", async () => {
    const scopes = namespaces.length === 0 ? [undefined] : namespaces;
    const answers = await Promise.all(
      scopes.flatMap((namespace) => [may(cluster, GUARD, "patch", namespace), may(cluster, LOOKER, "list", namespace)]),
    );
    return answers.every(Boolean);
  });
}

/** Puts the published policies into force. The guard needs its permissions in this namespace by then. */
export async function enforcePolicy(cluster: Cluster, namespace: string, extras: Extras = {}): Promise<void> {
  await cluster.apply(asYaml(admissionManifests({ ...GROUPS, selector: DEFAULT_SELECTOR, ...extras })));
  await cluster.apply(gatewayDeployment({ name: "probe", namespace, replicas: 0 }));
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/probe`;
  await waitFor("the guard's policy to be in force", async () => {
    const answer = await cluster.request("PATCH", `${path}?dryRun=All`, {
      token: GUARD.token,
      body: { metadata: { labels: { probe: "1" } }, spec: { paused: true } },
    });
    return answer.status === 403 && answer.text.includes(NAMES.policy);
  });
  await cluster.api.delete(path);
}

/** Takes back what belongs to no namespace. */
export async function uninstall(cluster: Cluster): Promise<void> {
  const paths = [
    ...NAMES.rbac.flatMap((name) => [`${RBAC_PATH}/clusterrolebindings/${name}`, `${RBAC_PATH}/clusterroles/${name}`]),
    ...[NAMES.policy, NAMES.probePolicy].flatMap((name) => [
      `${ADMISSION_PATH}/validatingadmissionpolicybindings/${name}`,
      `${ADMISSION_PATH}/validatingadmissionpolicies/${name}`,
    ]),
  ];
  await Promise.all(paths.map((path) => cluster.request("DELETE", path)));
}

async function may(
  cluster: Cluster,
  { token }: { readonly token: string },
  verb: "list" | "patch",
  namespace: string | undefined,
): Promise<boolean> {
  const { text } = await cluster.request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
    token,
    body: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes: { verb, group: "apps", resource: "deployments", namespace } },
    },
  });
  return JSON.parse(text).status.allowed === true;
}
