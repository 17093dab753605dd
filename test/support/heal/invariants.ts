import { parseReload } from "../../../src/evidence/reload-script.ts";
import { LAST_RESTART_ANNOTATION, RESTARTED_AT_ANNOTATION, SKIP_ANNOTATION } from "../../../src/model/annotations.ts";
import type { ClusterResult } from "../../../src/model/decision.ts";
import type { EventReason, WorkloadEvent } from "../../../src/model/event.ts";
import type { Cure, OutcomeResult } from "../../../src/model/last-restart.ts";
import { DAY, HOUR, type Instant, isoSeconds, type Millis } from "../../../src/model/time.ts";
import { type GatewayRef, gatewayId } from "../../../src/model/workload.ts";
import { workloadOf } from "../../../src/observe/workload.ts";
import type { Cluster } from "../../../src/ports.ts";
import type { WorkloadPatch } from "../../../src/rollout/patch.ts";
import type { SimulatedCluster } from "../../../src/simulate/cluster.ts";
import type { Touch } from "./faults.ts";
import { noteOf } from "./notes.ts";
import { afterEveryEvent } from "./scene.ts";

/** A gateway, and what is true of it whatever anybody reads. */
export interface Watched extends GatewayRef {
  /** From when on a restart is right, as long as one of its first pods runs; null: never. */
  readonly needsFrom: Instant | null;
  /** The same of a reload. */
  readonly needsReloadFrom: Instant | null;
  /** Its new pods are refused as well. When they are half a day old, nobody can tell them from old ones. */
  readonly refusedAgain: boolean;
}

export interface Invariants {
  /** What was broken, in words. */
  readonly broken: readonly string[];
  /** The same cluster for one run of the guard, with every patch looked at before and after, and a look at what it says in the end. */
  forOneRun(): { readonly cluster: Cluster; verify(result: ClusterResult): void };
  /** Looks at what a run reports after each look. */
  report(result: ClusterResult): void;
  /** Whether pods still have the token that they had in the beginning, although nobody asked for that. */
  isLeftBehind(ref: GatewayRef): boolean;
}

interface Restart {
  readonly ref: GatewayRef;
  readonly cure: Cure;
  /** As noted and, of a restart, written into the template. */
  readonly at: Instant;
  /** The results that were noted of it. */
  readonly results: OutcomeResult[];
}

/** What an event tells when it tells of a result. */
const RESULTS_OF: Readonly<Record<EventReason, readonly OutcomeResult[]>> = {
  TokenGuardRestart: [],
  TokenGuardReload: [],
  TokenGuardCured: ["renewed", "cured"],
  TokenGuardRefused: ["refused"],
  TokenGuardFailed: ["failed"],
  TokenGuardReverted: ["reverted"],
  TokenGuardUnproven: ["unproven"],
};

/** Watches a cluster for what must never happen in it, from outside: from its objects, not from what the guard says. */
export function watchInvariants(cluster: SimulatedCluster, gateways: readonly Watched[], cooldown: Millis): Invariants {
  const broken: string[] = [];
  const restarts: Restart[] = [];
  const violated = (what: string) => broken.push(`${isoSeconds(cluster.clock.now())} ${what}`);

  const current = (ref: GatewayRef) => {
    const object = cluster.store.get(ref.kind, ref.namespace, ref.name);
    const workload = workloadOf({ kind: ref.kind, object } as Parameters<typeof workloadOf>[0], cluster.clock.now());
    if ("missing" in workload) throw new Error(`${gatewayId(ref)} is gone`);
    return workload;
  };
  const podsOf = ({ namespace, name }: GatewayRef) =>
    cluster.store
      .list("Pod", namespace)
      .filter(({ metadata: { labels, deletionTimestamp } }) => {
        return labels?.["app.kubernetes.io/instance"] === name && deletionTimestamp === undefined;
      })
      .map(({ metadata }) => metadata.uid);
  const first = new Map(gateways.map((ref) => [gatewayId(ref), new Set(podsOf(ref))]));
  /** Somebody has overwritten the note of these, and a reload leaves no other trace in the workload. */
  const forgotten = new Set<string>();
  /** Whose token was read again. */
  const reloaded = new Set<string>();
  const hasFirstTokens = (ref: GatewayRef) =>
    podsOf(ref).some((uid) => first.get(gatewayId(ref))?.has(uid) && !reloaded.has(uid));
  const before = new Map(gateways.map((ref) => [gatewayId(ref), unchanging(cluster, ref)]));
  const least = new Map(
    gateways.map((ref) => {
      const { figures } = current(ref);
      return [gatewayId(ref), Math.min(figures.available, figures.desired - figures.maxUnavailable)];
    }),
  );

  const isRolling = ({ figures }: ReturnType<typeof current>) =>
    figures.observedGeneration < figures.generation ||
    figures.updated < figures.desired ||
    figures.available < figures.desired ||
    figures.total > figures.updated;

  const accept = (ref: GatewayRef, cure: Cure, at: Instant) => {
    const now = cluster.clock.now();
    const name = gatewayId(ref);
    const gateway = gateways.find((one) => gatewayId(one) === name);
    const last = restarts.findLast((one) => gatewayId(one.ref) === name);
    const from = cure === "reload" ? gateway?.needsReloadFrom : gateway?.needsFrom;
    const inNeed = from != null && now >= from;
    const again = gateway?.refusedAgain && last !== undefined && now - last.at >= 12 * HOUR;
    const isFallback = cure === "restart" && last?.cure === "reload";
    if (!inNeed || !(hasFirstTokens(ref) || again || isFallback)) violated(`${name} is restarted and does not need it`);
    if (current(ref).optedOut) violated(`${name} is restarted although it has opted out`);
    const isForgotten = last?.cure === "reload" && forgotten.has(name);
    if (isFallback && !isForgotten && last.results.every((result) => result === "renewed")) {
      violated(`${name} is restarted after a reload that was a cure, or may be yet`);
    }
    if (last !== undefined && !isFallback && !isForgotten && at - last.at < cooldown)
      violated(`${name} is restarted again within the cooldown`);
    for (const other of gateways) {
      if (gatewayId(other) === name) continue;
      const theirs = restarts.findLast((one) => gatewayId(one.ref) === gatewayId(other));
      if (theirs === undefined || now - theirs.at >= DAY) continue;
      const workload = current(other);
      const note = workload.lastRestart;
      if (isRolling(workload)) violated(`${name} is restarted while ${gatewayId(other)} is rolling`);
      else if (note.state === "none" || (note.state === "known" && note.result === null)) {
        violated(`${name} is restarted before the result of ${gatewayId(other)} is known`);
      }
    }
    restarts.push({ ref, cure, at, results: [] });
  };

  const acceptNote = (ref: GatewayRef, body: WorkloadPatch) => {
    const note = noteOf(body);
    const restart = restarts.find(
      (one) => gatewayId(one.ref) === gatewayId(ref) && one.at === note?.at && one.cure === (note.cure ?? "restart"),
    );
    if (note?.result != null) restart?.results.push(note.result);
  };

  const checkAvailability = () => {
    for (const ref of gateways) {
      if (!restarts.some((one) => one.cure === "restart" && gatewayId(one.ref) === gatewayId(ref))) continue;
      const { available } = current(ref).figures;
      if (available < (least.get(gatewayId(ref)) ?? 0)) violated(`${gatewayId(ref)} has only ${available} available`);
    }
  };
  afterEveryEvent(cluster.clock, checkAvailability);

  const patch: Cluster["restarter"]["patch"] = async (ref, body) => {
    const mistake = wrongPatch(body);
    if (mistake !== null) violated(`a patch of ${gatewayId(ref)} ${mistake}`);
    const accepted = current(ref).resourceVersion === body.metadata.resourceVersion;
    const ordered = orderOf(body);
    if (current(ref).lastRestart.state === "unreadable") forgotten.add(gatewayId(ref));
    if (accepted && ordered !== null) accept(ref, ordered.cure, ordered.at);
    if (accepted && ordered === null) acceptNote(ref, body);
    const answer = await cluster.restarter.patch(ref, body);
    if (answer.ok !== accepted) throw new Error("the watch and the cluster disagree");
    if (unchanging(cluster, ref) !== before.get(gatewayId(ref))) violated(`${gatewayId(ref)} was changed`);
    checkAvailability();
    return answer;
  };

  /** A reload and a restart may bear the same second, when somebody has overwritten the note of the one. */
  const isOf = ({ workload, name, cure }: WorkloadEvent, one: Restart): boolean =>
    gatewayId(workload) === gatewayId(one.ref) && name.includes(stampOf(one.at)) && cure === one.cure;

  /** The event must tell of what is stored by now, and be the only one that does. */
  const createEvent: Cluster["restarter"]["createEvent"] = async (event) => {
    const { workload, reason } = event;
    const restart = restarts.find((one) => isOf(event, one));
    if (restart === undefined) violated(`${reason} tells of a restart of ${gatewayId(workload)} that never was`);
    else if (!ORDERS.includes(reason) && !RESULTS_OF[reason].some((result) => restart.results.includes(result)))
      violated(`${reason} tells of a result of ${gatewayId(workload)} that is not noted`);
    if (workload.uid !== current(workload).uid) violated(`${reason} is of another workload`);
    const answer = await cluster.restarter.createEvent(event);
    if (!answer.ok) violated(`${reason} of ${gatewayId(workload)} is refused`);
    checkEvents();
    return answer;
  };

  /** Of each restart one event that it was ordered, and one of its result. */
  const checkEvents = () => {
    for (const one of restarts) {
      const { ref } = one;
      const own = cluster.events().filter((event) => isOf(event, one));
      const ordered = own.filter(({ reason }) => ORDERS.includes(reason)).length;
      if (ordered > 1 || own.length - ordered > 1) violated(`${gatewayId(ref)} has ${own.map(({ name }) => name)}`);
    }
  };

  const exec: Cluster["exec"] = {
    async run(request) {
      const answer = await cluster.exec.run(request);
      const pod = cluster.store.get("Pod", request.namespace, request.pod);
      const isReload = answer.ok && parseReload(new TextDecoder().decode(answer.value)) === "succeeded";
      if (!isReload || pod === null) return answer;
      reloaded.add(pod.metadata.uid);
      const own = restarts.filter(({ ref }) => pod.metadata.labels?.["app.kubernetes.io/instance"] === ref.name);
      if (own.every(({ cure }) => cure !== "reload")) violated(`${request.pod} is reloaded and nothing says so`);
      return answer;
    },
  };

  return {
    broken,
    isLeftBehind: (ref) => hasFirstTokens(ref) && !current(ref).optedOut,
    forOneRun() {
      const ordered = new Set<string>();
      const restarter: Cluster["restarter"] = {
        createEvent,
        async patch(ref, body) {
          const answer = await patch(ref, body);
          // A reload whose note is lost may be followed by the attempt at another.
          if (answer.ok && body.spec !== undefined) ordered.add(gatewayId(ref));
          return answer;
        },
      };
      return {
        cluster: { ...cluster, exec, restarter },
        verify({ outcomes }) {
          for (const { gateway, outcome } of outcomes) {
            const denied = outcome.result === "conflict" || outcome.result === "deferred";
            if (denied && ordered.has(gatewayId(gateway)))
              violated(`${gatewayId(gateway)} was restarted by a run that denies it`);
          }
        },
      };
    },
    report({ plan, error }) {
      const named = new Set(plan?.decisions.map(({ gateway }) => gatewayId(gateway)));
      const missing = gateways.filter((ref) => !named.has(gatewayId(ref)));
      if (missing.length > 0 && error === null) violated(`${missing.map(gatewayId).join()} is not in a report`);
      for (const ref of plan?.restarts ?? []) {
        const decision = plan?.decisions.find(({ gateway }) => gatewayId(gateway) === gatewayId(ref));
        if (decision?.verdict === "unknown") violated(`${gatewayId(ref)} is to be restarted and unknown`);
      }
    },
  };
}

const ORDERS: readonly EventReason[] = ["TokenGuardRestart", "TokenGuardReload"];

/** What a patch orders; null: nothing, it is a claim or a result. */
function orderOf(body: WorkloadPatch): { readonly cure: Cure; readonly at: Instant } | null {
  const mark = body.spec?.template.metadata.annotations[RESTARTED_AT_ANNOTATION];
  if (mark !== undefined) return { cure: "restart", at: Date.parse(mark) };
  const note = noteOf(body);
  return note?.cure === "reload" && note.result === null ? { cure: "reload", at: note.at } : null;
}

/** A restart's moment as event names have it. */
const stampOf = (at: Instant): string => isoSeconds(at).replace(/[-:]/g, "").toLowerCase();

/** The annotations that somebody else writes. */
const TOUCHED: Readonly<Record<Touch, string>> = {
  label: "example.com/colour",
  skip: SKIP_ANNOTATION,
  note: LAST_RESTART_ANNOTATION,
};

/** Somebody else writes to one of the gateways. */
export function touch({ store, clock }: SimulatedCluster, { kind, namespace, name }: GatewayRef, how: Touch): void {
  store.edit(kind, namespace, name, ({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, [TOUCHED[how]]: `{{{ ${isoSeconds(clock.now())}` };
  });
}

/** A workload without what the guard and others may write, and without what changes by itself. */
function unchanging(cluster: SimulatedCluster, { kind, namespace, name }: GatewayRef): string {
  const object = cluster.store.get(kind, namespace, name);
  if (object === null) return "gone";
  const { metadata, spec } = object;
  for (const key of [LAST_RESTART_ANNOTATION, ...Object.values(TOUCHED)]) delete metadata.annotations?.[key];
  delete spec?.template?.metadata?.annotations?.[RESTARTED_AT_ANNOTATION];
  const { resourceVersion: _, generation: __, ...rest } = metadata;
  return JSON.stringify({ metadata: rest, spec });
}

/** What a patch changes besides the two annotations; null: nothing. */
function wrongPatch({ metadata, spec, ...more }: WorkloadPatch): string | null {
  const { resourceVersion, annotations, ...rest } = metadata;
  const keys = [
    ...Object.keys(more),
    ...Object.keys(rest),
    ...Object.keys(spec ?? {}).filter((key) => key !== "template"),
  ];
  const { template } = spec ?? {};
  const { metadata: inTemplate, ...restOfTemplate } = template ?? {};
  const { annotations: marks = {}, ...restOfMetadata } = inTemplate ?? {};
  keys.push(...Object.keys(restOfTemplate), ...Object.keys(restOfMetadata));
  keys.push(...Object.keys(annotations).filter((key) => key !== LAST_RESTART_ANNOTATION));
  keys.push(...Object.keys(marks).filter((key) => key !== RESTARTED_AT_ANNOTATION));
  if (keys.length > 0) return `changes ${keys.join()}`;
  if (resourceVersion === "") return "rests on no version";
  const [mark] = Object.values(marks);
  if (mark !== undefined && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(mark)) return `marks with ${mark}`;
  const note = annotations[LAST_RESTART_ANNOTATION] ?? "";
  return note.length > 1024 ? "notes more than 1024 characters" : null;
}
