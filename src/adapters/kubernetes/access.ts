import { AuthorizationV1Api, type Configuration } from "@kubernetes/client-node";
import { toAskWhetherIMay, toAskWhetherMayList } from "../../model/asked.ts";
import type { Access } from "../../ports.ts";
import { attempt } from "./attempt.ts";
import { invalidAnswer } from "./request-failed.ts";

/** SubjectAccessReviews: created, answered and forgotten by the API server. */
export function kubernetesAccess(configuration: Configuration, label: string): Omit<Access, "tryRelabel"> {
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
              resourceAttributes: { verb: "list", ...splitResource(resource) },
            },
          },
        });
        return answerOf(review, label);
      }),
    iMay: (permission) =>
      attempt(toAskWhetherIMay(permission), label, async () => {
        const { verb, resource, namespace } = permission;
        const review = await authorization.createSelfSubjectAccessReview({
          body: {
            apiVersion: "authorization.k8s.io/v1",
            kind: "SelfSubjectAccessReview",
            // An empty namespace means all of them.
            spec: { resourceAttributes: { verb, namespace: namespace ?? "", ...splitResource(resource) } },
          },
        });
        return answerOf(review, label);
      }),
  };
}

function answerOf(review: { status?: { allowed?: unknown } } | undefined, label: string): boolean {
  const allowed = review?.status?.allowed;
  if (typeof allowed !== "boolean") throw invalidAnswer(label, "no review");
  return allowed;
}

/** `deployments.apps/scale` → resource, API group and subresource. */
function splitResource(text: string): { resource: string; group: string; subresource?: string } {
  const [main = "", subresource] = text.split("/");
  const [resource = "", ...group] = main.split(".");
  return { resource, group: group.join("."), ...(subresource === undefined ? {} : { subresource }) };
}
