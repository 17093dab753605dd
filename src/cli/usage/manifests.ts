import { Command, Option } from "commander";
import { DEFAULT_GROUP, DEFAULT_READ_GROUP } from "../../manifests/group.ts";
import { DEFAULT_SELECTOR } from "../../model/gateway-selector.ts";
import { anotherNamespace, parseGroup, parseSelector } from "../arguments.ts";
import type { Ended } from "./verb.ts";

/** The options as parsed, by the names of their flags. */
interface ManifestsOptions {
  readonly namespace: readonly string[];
  readonly selector: string;
  readonly group: string;
  readonly readGroup: string;
  readonly probe: boolean;
  readonly reload: boolean;
}

const EXAMPLES = `
Examples:
  For all namespaces:
    $ apisix-token-guard manifests | kubectl apply -f -
  For two namespaces, and groups of your own:
    $ apisix-token-guard manifests --namespace edge --namespace partner \\
        --group oidc:token-guard --read-group oidc:token-guard-read |
        kubectl apply -f -
  Then, signed in as the guard:
    $ apisix-token-guard doctor`;

export const manifestsCommand = (ended: Ended): Command =>
  new Command("manifests")
    .summary("print the permissions and the admission policy for kubectl apply")
    .description(
      "Prints what the guard's identities need, one that only looks and one that restarts as well: RBAC with the least they can do " +
        "with, and an admission policy under which the first can change nothing and the second nothing but the restart annotation and " +
        "its own note, of workloads that match the selector. Needs no cluster.",
    )
    .addOption(
      new Option("--namespace <name>", "namespace with gateways; repeatable")
        .argParser(anotherNamespace)
        .default([], "all namespaces"),
    )
    .option(
      "--selector <selector>",
      "label selector of the gateways' workloads, as gateways.selector in guard.yml",
      parseSelector,
      DEFAULT_SELECTOR,
    )
    .option("--group <name>", "the Kubernetes group of who restarts", parseGroup, DEFAULT_GROUP)
    .option("--read-group <name>", "the group of who only looks", parseGroup, DEFAULT_READ_GROUP)
    .option("--probe", "add what evidence.probe needs: to run commands in pods", false)
    .option("--reload", "add what cure: reload needs, which includes --probe", false)
    .addHelpText("after", EXAMPLES)
    .action(async ({ namespace, ...options }: ManifestsOptions) => {
      const { manifests } = await import("../manifests.ts");
      ended(await manifests({ namespaces: namespace, ...options }));
    });
