import { Command, Option } from "commander";
import { DEFAULT_GROUP } from "../../manifests/group.ts";
import { anotherNamespace, parseGroup } from "../arguments.ts";
import type { Ended } from "./verb.ts";

const EXAMPLES = `
Examples:
  For all namespaces:
    $ apisix-token-guard manifests | kubectl apply -f -
  For two namespaces, and a group of your own:
    $ apisix-token-guard manifests --namespace edge --namespace partner \\
        --group oidc:token-guard | kubectl apply -f -
  Then, signed in as the guard:
    $ apisix-token-guard doctor`;

export const manifestsCommand = (ended: Ended): Command =>
  new Command("manifests")
    .summary("print the permissions and the admission policy for kubectl apply")
    .description(
      "Prints what the guard's identity needs: RBAC with the least it can do with, and an admission policy under which it can change " +
        "nothing of a workload but the restart annotation and its own note. Needs no cluster.",
    )
    .addOption(
      new Option("--namespace <name>", "namespace with gateways; repeatable")
        .argParser(anotherNamespace)
        .default([], "all namespaces"),
    )
    .option("--group <name>", "the Kubernetes group of the guard's identity", parseGroup, DEFAULT_GROUP)
    .option("--probe", "add what evidence.probe needs: to run commands in pods", false)
    .addHelpText("after", EXAMPLES)
    .action(async ({ namespace, group, probe }: { namespace: readonly string[]; group: string; probe: boolean }) => {
      const { manifests } = await import("../manifests.ts");
      ended(await manifests({ namespaces: namespace, group, probe }));
    });
