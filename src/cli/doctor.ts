import { judge, notExamined } from "../doctor/judge.ts";
import { examine } from "../doctor.ts";
import { type Target, visitEach } from "../fleet.ts";
import type { Checkup } from "../model/checkup.ts";
import type { EvidenceSwitches, GatewayScope } from "../model/observation.ts";
import type { Purpose } from "../model/read.ts";
import type { Instant } from "../model/time.ts";
import type { Progress } from "../ports.ts";
import { buildCheckup, checkupExitCode } from "../report/checkup-schema.ts";
import { renderCheckup } from "../report/checkup-text.ts";
import { type Format, formatAs } from "./format.ts";
import { printDocument } from "./output.ts";
import { runLooking } from "./run.ts";
import { type ClusterOptions, setUp } from "./setup.ts";

/** The options as parsed, by the names of their flags. */
export interface DoctorOptions extends ClusterOptions {
  readonly readOnly: boolean;
  readonly auditLog: readonly string[];
  readonly output: Format;
}

/** Examines clusters and prints the checklist. Returns the exit code. */
export async function doctor({ output, readOnly, auditLog, ...options }: DoctorOptions): Promise<number> {
  const purpose = readOnly ? "read" : "restart";
  // Without one, what is warned of elsewhere stands in the checklist.
  const setup = await setUp({ ...options, ...(auditLog.length > 0 ? { auditLog } : {}) });
  const { targets, scope, evidence, warnings } = setup;
  const auditInGroup = setup.config.evidence.audit;
  return runLooking(
    (progress) => examineEach(targets, { scope, evidence, purpose, auditInGroup, now: Date.now, progress }),
    async (checkups) => {
      const report = buildCheckup(checkups);
      await printDocument((text) => formatAs(output, report, () => renderCheckup(report, text)), warnings);
      return checkupExitCode(report);
    },
  );
}

export interface ExamineEachOptions {
  readonly scope: GatewayScope;
  readonly evidence: EvidenceSwitches;
  /** What the identity is for. */
  readonly purpose: Purpose;
  /** The functions read the log that EKS keeps in CloudWatch. */
  readonly auditInGroup: boolean;
  /** The guard's own time. */
  readonly now: () => Instant;
  readonly progress?: Progress | undefined;
}

/** A checklist for every cluster, also for those that could not be asked. */
export const examineEach = (targets: readonly Target[], options: ExamineEachOptions): Promise<Checkup[]> =>
  visitEach(
    targets,
    async (cluster, { name, settings }) =>
      judge(await examine(cluster, { ...options, name, cure: settings.policy.cure }), settings),
    ({ name }, error) => notExamined(name, options.now(), error),
  );
