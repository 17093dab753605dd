import { stringify } from "yaml";
import { gatewaySelector } from "../model/gateway-selector.ts";
import { admissionManifests } from "./admission-policy.ts";
import { type ManifestOptions, rbacManifests, runsCommands } from "./rbac.ts";

/**
 * All manifests as one text for `kubectl apply -f -`. Everything in it is in force for members of the two groups and nobody else.
 *
 * @throws GuardError BadUsage when the selector is none
 */
export function manifestsYaml(options: ManifestOptions): string {
  const documents = [...rbacManifests(options), ...admissionManifests(options)].map((manifest) =>
    // kubectl reads YAML 1.1, to which an unquoted `no` is false.
    stringify(manifest, { compat: "yaml-1.1", lineWidth: 0 }),
  );
  return [headerOf(options), ...documents].join("---\n");
}

function headerOf({ group, readGroup, namespaces, selector, probe, reload = false }: ManifestOptions): string {
  const commands = runsCommands({ probe, reload });
  const where = namespaces.length === 0 ? "all namespaces" : `namespace ${namespaces.join(", ")}`;
  return [
    `apisix-token-guard: what the members of two groups may do in ${where}.`,
    "",
    `"${readGroup}", for who only looks, may read Deployments, DaemonSets, StatefulSets, their revisions,`,
    "pods, pod logs and ConfigMaps, and ask whether a node is Ready and what a ServiceAccount may do.",
    "",
    `"${group}", for who restarts, may do all that, restart the workloads that match`,
    `    ${gatewaySelector(selector)}`,
    "as kubectl rollout restart does, with one annotation as a note, and leave events that tell of it.",
    ...(commands
      ? [
          "",
          "For evidence.probe both may run a command in the pods there, which another policy narrows to the one script of this very",
          `version${reload ? `, and for cure: reload, of "${group}", to a second one, which ends nginx's privileged agent` : ""}.`,
        ]
      : []),
    "",
    "Never, although RBAC knows only one `patch`: the admission policy refuses every other change of these workloads, be it an",
    "image, a command, replicas or a label, and every change of all others.",
    `Not granted at all: secrets, ${commands ? "" : "exec, "}delete, scale, status, and creating anything but events.`,
    "",
    "The policy needs Kubernetes 1.30 or later. Nobody outside the groups is affected; whoever is in one is confined, so put no",
    "people into them. Apply, then run apisix-token-guard doctor.",
  ]
    .map((line) => `# ${line}`.trimEnd())
    .join("\n")
    .concat("\n");
}
