import { isClaim } from "../../decide/in-flight.ts";
import type { ClusterResult } from "../../model/decision.ts";
import type { Cure, LastRestart } from "../../model/last-restart.ts";
import type { Read, ReadFailureCode } from "../../model/read.ts";
import { type Instant, isoSeconds } from "../../model/time.ts";
import { type GatewayRef, gatewayId, type RolloutFigures } from "../../model/workload.ts";
import type { Board } from "./board.ts";

export type RestartNote = Extract<LastRestart, { state: "known" }>;

/** Tells a person who waits what is done to gateways and how far it has come, and knows what is under way at any moment. */
export interface Story {
  /** A restart is about to be ordered. */
  readonly ordering: (cluster: string, ref: GatewayRef, note: RestartNote) => void;
  /** The API server has answered to it, or has not. */
  readonly ordered: (cluster: string, ref: GatewayRef, answer: Read<null>) => void;
  readonly figures: (cluster: string, ref: GatewayRef, figures: RolloutFigures) => void;
  /** The cluster was looked at. */
  readonly looked: (result: ClusterResult) => void;
  /** One sentence for each restart that has begun and is not known to have ended. */
  readonly underWay: () => readonly string[];
  /** Whether a restart was accepted. */
  readonly hasRestarted: () => boolean;
}

interface Chapter {
  readonly cluster: string;
  readonly gateway: GatewayRef;
  /** As a person is told. */
  readonly name: string;
  readonly cure: Cure;
  readonly since: Instant;
  state: "ordering" | "rolling" | "proving";
  /** How far it has come. */
  detail: string;
  /** Something was heard of it since the plan was made that is looked at next. */
  news: boolean;
}

/** With these answers nothing was changed for certain; with any other, as a lost connection, it may have been. */
const REFUSED: readonly ReadFailureCode[] = [
  "Forbidden",
  "Unauthorized",
  "NotFound",
  "Conflict",
  "Throttled",
  "Refused",
];

/** @param severalClusters gateways are named with their cluster */
export function createStory(board: Board, severalClusters: boolean): Story {
  const chapters = new Map<string, Chapter>();
  const told = new Set<string>();
  let restarted = false;

  const begin = (cluster: string, gateway: GatewayRef, rest: Omit<Chapter, "cluster" | "gateway" | "name">) => {
    const chapter = { cluster, gateway, name: nameOf(cluster, gateway), ...rest };
    chapters.set(keyOf(cluster, gateway), chapter);
    return chapter;
  };
  const nameOf = (cluster: string, { namespace, name }: GatewayRef) =>
    `${severalClusters ? `${cluster}: ` : ""}${namespace}/${name}`;
  const show = () => board.show([...chapters.values()].map(({ name, detail }) => `${name}: ${detail}`));
  const sayOnce = (key: string, text: string) => {
    if (!told.has(key)) board.say(text);
    told.add(key);
  };

  return {
    ordering: (cluster, ref, { at, reason, cure = "restart" }) => {
      const detail = `${cure}ing it (${reason})`;
      begin(cluster, ref, { cure, since: at, state: "ordering", detail, news: true });
      show();
    },
    ordered: (cluster, ref, answer) => {
      const chapter = chapters.get(keyOf(cluster, ref));
      if (chapter === undefined) return;
      if (answer.ok) {
        restarted = true;
        chapter.state = "rolling";
        chapter.detail = goingOn(chapter);
      } else if (REFUSED.includes(answer.failure.code)) chapters.delete(keyOf(cluster, ref));
      show();
    },
    figures: (cluster, ref, figures) => {
      const chapter = chapters.get(keyOf(cluster, ref));
      if (chapter === undefined) return;
      if (chapter.cure === "restart") chapter.detail = `${goingOn(chapter)}: ${countPods(figures)}`;
      show();
    },
    looked: (result) => {
      const { cluster, plan, outcomes } = result;
      for (const [key, chapter] of chapters) {
        if (!isGone(chapter, result)) continue;
        chapters.delete(key);
        if (chapter.state !== "ordering")
          board.say(`${chapter.name}: it is not there any more, so nothing tells what came of its ${chapter.cure}`);
      }
      for (const { gateway, restart, lastRestart } of plan?.decisions ?? []) {
        const known = chapters.get(keyOf(cluster, gateway));
        if (known?.news) known.news = false;
        else if (restart.state === "none" || restart.state === "ended" || !isRestart(lastRestart)) {
          chapters.delete(keyOf(cluster, gateway));
          if (known !== undefined && known.state !== "ordering" && restart.state === "none")
            board.say(withoutNote(known));
        } else {
          const { at: since, cure = "restart" } = lastRestart;
          if (known === undefined)
            board.say(`${nameOf(cluster, gateway)}: was ${cure}ed before this run, at ${isoSeconds(since)}`);
          const chapter =
            known ??
            begin(cluster, gateway, { cure, since, state: "rolling", detail: goingOn({ cure, since }), news: false });
          chapter.state = restart.state;
          if (restart.state === "proving")
            chapter.detail = `${ALL_DONE[cure]}; its logs tell at ${clock(restart.until)}`;
        }
      }
      show();
      for (const { gateway, outcome } of outcomes) {
        const key = keyOf(cluster, gateway);
        const which = `${key} ${outcome.restartedAt} ${outcome.result} ${outcome.message}`;
        sayOnce(which, `${nameOf(cluster, gateway)}: ${outcome.result}. ${outcome.message}`);
      }
    },
    underWay: () => [...chapters.values()].map(lastWords),
    hasRestarted: () => restarted,
  };
}

const keyOf = (cluster: string, ref: GatewayRef): string => `${cluster} ${gatewayId(ref)}`;

/** A claim of another run, that may never restart anything, is not a restart yet. */
const isRestart = (last: LastRestart): last is RestartNote => last.state === "known" && !isClaim(last);

/** The workload was deleted, or is no gateway any more. Where a list failed it may still be there. */
const isGone = ({ cluster, gateway }: Chapter, { cluster: looked, plan, error }: ClusterResult): boolean =>
  cluster === looked &&
  plan !== null &&
  error?.code !== "ClusterUnreadable" &&
  plan.decisions.every((decision) => gatewayId(decision.gateway) !== gatewayId(gateway));

/** Its workload was replaced, or somebody took the note away. */
const withoutNote = ({ name, cure, since }: Chapter): string =>
  `${name}: it bears no note any more of its ${cure} at ${isoSeconds(since)}, so nothing tells what came of it`;

const goingOn = ({ cure, since }: Pick<Chapter, "cure" | "since">): string =>
  `${cure === "restart" ? "rolling" : "reloading"} since ${clock(since)}`;

const ALL_DONE: Readonly<Record<Cure, string>> = {
  restart: "every pod is new",
  reload: "every pod has read its token again",
};

const countPods = ({ desired, total, updated, ready }: RolloutFigures): string =>
  `${updated} of ${desired} pods new, ${Math.max(0, total - updated)} old, ${ready} ready`;

function lastWords({ name, cure, since, state }: Chapter): string {
  switch (state) {
    case "ordering":
      return `${name} was just being ${cure}ed: whether the API server took it, the next run sees.`;
    case "rolling":
      return cure === "restart"
        ? `${name} is rolling since ${isoSeconds(since)}; the rollout goes on by itself, the next run proves it.`
        : `${name} is being reloaded since ${isoSeconds(since)}; what is left of it does not go on by itself, the next run sees to it.`;
    case "proving":
      return `${name} was ${cure}ed at ${isoSeconds(since)} and ${ALL_DONE[cure]}; the next run proves it.`;
  }
}

/** `14:00:05 UTC` */
const clock = (moment: Instant): string => `${isoSeconds(moment).slice(11, 19)} UTC`;
