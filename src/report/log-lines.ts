import { clusterExitCode, type ExitCode, gatewayExitCode } from "./exit-code.ts";
import type { Report } from "./schema.ts";

/** One line of a structured log. */
export interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const LEVEL_OF: Readonly<Record<ExitCode, LogLine["level"]>> = { 0: "info", 1: "warn", 2: "error" };

/** The report on a cluster, as one line for the cluster and one for each of its gateways. */
export function logLines(report: Report): readonly LogLine[] {
  const { gateways, advice, ...rest } = report;
  // Whom advice would help may be hundreds, and a line must stay a line.
  const cluster = { ...rest, advice: advice.map(({ code, message }) => ({ code, message })) };
  const name = cluster.cluster;
  return [
    {
      level: LEVEL_OF[clusterExitCode(report)],
      message: `${name}: ${report.error?.message ?? `${gateways.length} gateways`}`,
      fields: cluster,
    },
    ...gateways.map((gateway) => ({
      level: LEVEL_OF[gatewayExitCode(gateway)],
      message: `${name} ${gateway.namespace}/${gateway.name}: ${gateway.verdict}. ${gateway.message}`,
      fields: { cluster: name, gateway },
    })),
  ];
}
