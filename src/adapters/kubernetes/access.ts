import { AuthorizationV1Api, type Configuration } from "@kubernetes/client-node";
import { toAskWhetherMayList } from "../../model/asked.ts";
import type { Access } from "../../ports.ts";
import { attempt } from "./attempt.ts";
import { invalidAnswer } from "./request-failed.ts";

/** SubjectAccessReviews: created, answered and forgotten by the API server. */
export function kubernetesAccess(configuration: Configuration, label: string): Access {
  const authorization = new AuthorizationV1Api(configuration);
  return {
    mayList: ({ namespace, serviceAccount }, resource) =>
      attempt(toAskWhetherMayList(namespace, serviceAccount, resource), label, async () => {
        const review = await authorization.createSubjectAccessReview({
          body: {
            apiVersion: "authorization.k8s.io/v1",
            kind: "SubjectAccessReview",
            spec: {
              user: `system:serviceaccount:${namespace}:${serviceAccount}`,
              // What the API server itself adds to a ServiceAccount that signs in; RBAC may be granted to any of them.
              groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
              resourceAttributes: { verb: "list", ...splitGroup(resource) },
            },
          },
        });
        const allowed: unknown = review?.status?.allowed;
        if (typeof allowed !== "boolean") throw invalidAnswer(label, "no review");
        return allowed;
      }),
  };
}

/** `endpointslices.discovery.k8s.io` → resource and API group. */
function splitGroup(resource: string): { resource: string; group: string } {
  const dot = resource.indexOf(".");
  return dot === -1 ? { resource, group: "" } : { resource: resource.slice(0, dot), group: resource.slice(dot + 1) };
}
