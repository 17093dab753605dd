import { isCovered } from "../evidence/log-coverage.ts";
import type { Check, Examination, TriedChange } from "../model/checkup.ts";
import type { Plan } from "../model/decision.ts";
import type { ClusterObservation, GatewayObservation } from "../model/observation.ts";
import { gatewayId } from "../model/workload.ts";

export function gatewayChecks({ gateways, unreadKinds }: ClusterObservation): readonly Check[] {
  const check = { check: "Gateways", subject: null } as const;
  const unread = unreadKinds.map(({ message }): Check => ({ ...check, state: "unknown", message }));
  if (gateways.length > 0)
    return [
      ...unread,
      { ...check, state: "ok", message: gateways.length === 1 ? "1 found." : `${gateways.length} found.` },
    ];
  if (unread.length > 0) return unread;
  return [{ ...check, state: "unknown", message: "None was found: set gateways.selector to your gateways' label." }];
}

/** What the API server says to each restart as a dry run. */
export const restartChecks = ({ restarts }: Examination): readonly Check[] => restarts.map(restartCheck);

function restartCheck({ gateway, answer }: TriedChange): Check {
  const check = { check: "Restart", subject: gatewayId(gateway) } as const;
  if (answer.ok) return { ...check, state: "ok", message: "A dry run is accepted." };
  switch (answer.failure.code) {
    case "Forbidden":
      return {
        ...check,
        state: "wrong",
        message:
          "A dry run is refused (403). If the permission to patch is there, an admission policy refuses it: the guard's own, when it " +
          "was made for another selector (apply manifests --selector with your gateways.selector) or a mutating webhook changes the " +
          "workload in the same request, or another one.",
      };
    case "Refused":
      return {
        ...check,
        state: "unknown",
        message: `${answer.failure.message} An admission webhook that does not support dry runs can be the reason.`,
      };
    default:
      return { ...check, state: "unknown", message: answer.failure.message };
  }
}

/** Whether a refusal would be seen in the logs, gateway by gateway. */
export const logChecks = ({ gateways }: ClusterObservation, plan: Plan): readonly Check[] =>
  gateways.map((gateway) => {
    const decision = plan.decisions.find((one) => gatewayId(one.gateway) === gatewayId(gateway.workload));
    const subject = gatewayId(gateway.workload);
    if (decision?.verdict === "unaffected")
      return { check: "Logs", subject, state: "skipped", message: "Its tokens do not matter, see check." };
    return { check: "Logs", subject, ...logState(gateway) };
  });

function logState({ pods }: GatewayObservation): Pick<Check, "state" | "message"> {
  if (!pods.ok) return { state: "unknown", message: pods.failure.message };
  const running = pods.value.flatMap(({ container, log }) =>
    container?.startedAt == null ? [] : [{ log, startedAt: container.startedAt }],
  );
  if (running.length === 0) return { state: "skipped", message: "No APISIX container runs." };
  if (running.every(({ log }) => log === null))
    return { state: "skipped", message: "Logs are not read (evidence.logs)." };
  const [failure] = running.flatMap(({ log }) => (log === null || log.ok ? [] : [log.failure]));
  if (failure !== undefined) return { state: "unknown", message: failure.message };
  const cut = running.filter(({ log, startedAt }) => log?.ok && !isCovered(log.value, startedAt)).length;
  if (cut > 0) {
    return {
      state: "unknown",
      message: `The logs of ${cut} of ${running.length} pods do not reach back two minutes: a refusal could hide there.`,
    };
  }
  return { state: "ok", message: "They reach back two minutes." };
}

/** Whether the containers tell of their tokens; nothing of gateways whose pods were not asked. */
export const probeChecks = ({ gateways }: ClusterObservation): readonly Check[] =>
  gateways.flatMap(({ workload, pods }): Check[] => {
    const probes = (pods.ok ? pods.value : []).flatMap(({ probe }) => (probe === null ? [] : [probe]));
    const [failure, ...others] = probes.flatMap((probe) => (probe.ok ? [] : [probe.failure]));
    const check = { check: "Probe", subject: gatewayId(workload) } as const;
    if (probes.length === 0) return [];
    if (failure === undefined) return [{ ...check, state: "ok", message: "The containers tell of their tokens." }];
    const count = others.length + 1;
    return [
      { ...check, state: "warning", message: `${count} of ${probes.length} pods tell nothing: ${failure.message}` },
    ];
  });

/** What the pods of each gateway say to the command of a reload, for an agent that none of them has. */
export const reloadChecks = ({ reloads }: Examination): readonly Check[] =>
  reloads.map(({ gateway, answer }) => {
    const check = { check: "Reload", subject: gatewayId(gateway) } as const;
    if (answer.ok) return { ...check, state: "ok", message: "Its command runs in every pod; it has ended nothing." };
    const { code, message } = answer.failure;
    const why =
      code === "Forbidden"
        ? "The command is refused (403): apply the output of manifests --reload, of this very version of the guard."
        : message;
    return { ...check, state: "warning", message: `It would be restarted instead. ${why}` };
  });

export function rolloutChecks({ rollouts, rolloutFailures }: Examination): readonly Check[] {
  const found = rollouts.map(
    ({ namespace, kind, name }): Check => ({
      check: "ArgoRollouts",
      subject: `${namespace}/${kind}/${name}`,
      state: "warning",
      message: "It matches the selector and is not supported: restart it by its own means.",
    }),
  );
  const [failure] = rolloutFailures;
  if (found.length > 0) return found;
  const check = { check: "ArgoRollouts", subject: null } as const;
  if (failure === undefined) return [{ ...check, state: "ok", message: "None matches the selector." }];
  // The published permissions do not include them, since the guard can do nothing with them.
  if (failure.code === "Forbidden")
    return [{ ...check, state: "skipped", message: "Not looked for: this identity may not list them, and need not." }];
  return [{ ...check, state: "unknown", message: failure.message }];
}
