import { connect } from "../../../src/adapters/kubernetes/connect.ts";
import type { DecisionSettings } from "../../../src/model/policy.ts";
import { buildReport } from "../../../src/report/build.ts";
import { type ExitCode, exitCode } from "../../../src/report/exit-code.ts";
import { type Report, reportSchema } from "../../../src/report/schema.ts";
import { sweep } from "../../../src/sweep.ts";
import type { Cluster } from "../control-plane/cluster.ts";
import type { GuardIdentity } from "./guard-identity.ts";

/** What a check says of a cluster. */
export interface Look {
  readonly report: Report;
  readonly exit: ExitCode;
}

export interface LookOptions {
  /** Empty: all. */
  readonly namespaces: readonly string[];
  readonly settings: DecisionSettings;
  /** Whether the containers themselves are asked for their tokens. */
  readonly probe?: boolean;
}

/** Looks at the cluster as `check` does, by the work that stands behind it. */
export async function look(
  cluster: Cluster,
  { token }: GuardIdentity,
  { namespaces, settings, probe = false }: LookOptions,
): Promise<Look> {
  const connection = {
    server: cluster.server,
    ca: cluster.certificateAuthority,
    authenticate: async () => ({ headers: { authorization: `Bearer ${token}` } }),
  };
  const results = await sweep([{ name: "test", connect: async () => connect(connection), settings }], {
    scope: { selector: "app.kubernetes.io/name=apisix", namespaces },
    evidence: { logs: true, config: true, probe },
    at: null,
    now: Date.now,
  });
  const [report] = results.map((result) => reportSchema.parse(buildReport(result)));
  if (report === undefined) throw new Error("a cluster got lost");
  return { report, exit: exitCode([report]) };
}
