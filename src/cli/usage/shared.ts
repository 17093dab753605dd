import { type Command, Option } from "commander";
import { another, anotherNamespace, notBlank, onlyOne, parseLifetime } from "../arguments.ts";

export const EXIT_CODES = `
Exit codes:
  0    nothing to do, or it can wait for its time
  1    something is not known (unreadable, no gateway found, bad input),
       or a restart that was due did not take place
  2    attention: a gateway is refused or about to be, or no restart can cure it
  130  interrupted`;

const CLUSTERS_DEFAULT = "those of guard.yml, else the current one";

/** Which clusters, and where in them. */
export const withClusters = (command: Command): Command =>
  withPlaces(
    withKubeconfig(command).addOption(
      new Option("--context <name>", "context of a cluster to look at; repeatable")
        .argParser(another)
        .default([], CLUSTERS_DEFAULT),
    ),
  );

/** Which one cluster, and where in it. */
export const withOneCluster = (command: Command): Command =>
  withPlaces(
    withKubeconfig(command).addOption(
      new Option("--context <name>", "context of the cluster").argParser(onlyOne).default([], CLUSTERS_DEFAULT),
    ),
  );

const withKubeconfig = (command: Command): Command =>
  command.option("--kubeconfig <file>", "kubeconfig to use (default: as kubectl does)", notBlank);

const withPlaces = (command: Command): Command =>
  command
    .addOption(
      new Option("--namespace <name>", "namespace to look for gateways in; repeatable")
        .argParser(anotherNamespace)
        .default([], "those of guard.yml, else all"),
    )
    .option("--config <file>", "configuration (default: guard.yml in this directory, if it exists)", notBlank);

export const withLifetime = (command: Command): Command =>
  command.option("--lifetime <length>", "how long tokens are accepted, where you know better: 90d, 24h", parseLifetime);

export const withAuditLog = (command: Command): Command =>
  command.addOption(
    new Option(
      "--audit-log <file>",
      "audit log of the API server, with the files rotated from it beside it: exact token ages; repeatable",
    )
      .argParser(another)
      .default([], "none"),
  );

export const withDryRun = (command: Command): Command =>
  command.option("--dry-run", "ask the API server what it would say, and change nothing");

export const withOutput = (command: Command): Command =>
  command.addOption(
    new Option("--output <format>", "form of the report").choices(["text", "json", "yaml"]).default("text"),
  );
