import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Context } from "aws-lambda";
import type { LogLine } from "../report/log-lines.ts";
import type { Metric } from "../report/metrics.ts";

/** Where a function writes what people and alarms look at. */
export interface Telemetry {
  log(line: LogLine): void;
  /** One set of metrics; no dimensions: of the whole fleet. */
  measure(metrics: readonly Metric[], dimensions: Readonly<Record<string, string>>): void;
}

const UNITS = { Count: MetricUnit.Count, Percent: MetricUnit.Percent } as const;

const logger = new Logger();

/** Structured log lines and CloudWatch's embedded metric format, both on the standard output. Names come from POWERTOOLS_*. */
export const powertools: Telemetry & { begin(context: Context): void } = {
  begin: (context) => logger.addContext(context),
  log: ({ level, message, fields }) => logger[level](message, { ...fields }),
  measure(metrics, dimensions) {
    if (metrics.length === 0) return;
    const set = new Metrics();
    set.addDimensions({ ...dimensions });
    for (const { name, unit, value } of metrics) set.addMetric(name, UNITS[unit], value);
    set.publishStoredMetrics();
  },
};
