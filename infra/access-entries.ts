import { createHash } from "node:crypto";
import { DEFAULT_GROUP, DEFAULT_READ_GROUP } from "../src/manifests/group.ts";
import { attribute, type Resources } from "./cloudformation.ts";
import type { NamedCluster } from "./clusters.ts";
import { capitalised, FUNCTIONS, roleId } from "./settings.ts";

/**
 * Lets the functions into the clusters, as members of the groups that `apisix-token-guard manifests` gives its permissions to: for every
 * role in every cluster one entry, and no access policy of EKS, of which even the smallest that can patch can do far more. The sweep
 * only looks.
 *
 * @param clusters of the stack's own region: CloudFormation works in no other (cluster-access.yml is for the others)
 */
export function accessEntries(clusters: readonly NamedCluster[]): Resources {
  return Object.fromEntries(
    clusters.flatMap(({ name }) =>
      FUNCTIONS.map((one) => [
        `${capitalised(one)}AccessEntry${logicalId(name)}`,
        {
          Type: "AWS::EKS::AccessEntry",
          Properties: {
            ClusterName: name,
            PrincipalArn: attribute(roleId(one), "Arn"),
            KubernetesGroups: [one === "sweep" ? DEFAULT_READ_GROUP : DEFAULT_GROUP],
          },
        },
      ]),
    ),
  );
}

/** Logical ids have letters and digits only: the name without the rest for people, a hash to tell `a-b` from `ab`. */
const logicalId = (name: string): string =>
  name.replaceAll(/[^A-Za-z0-9]/g, "") + createHash("sha256").update(name).digest("hex").slice(0, 8);
