import { formatDuration } from "../../model/duration.ts";
import { DAY, type Instant, parseInstant } from "../../model/time.ts";
import { printable } from "../printable.ts";
import type { GatewayReport, PodReport } from "../schema.ts";
import { displayWidth, type Line, type Run, row } from "./layout.ts";
import { relative } from "./moments.ts";
import { label, labelled, type Page } from "./page.ts";

const LISTED = 4;
/** Kubernetes allows 253 characters. */
const NAME_LIMIT = 260;
/** Columns for what is said beside the name: `refused (4 lines), started 91 d 11 h ago` on two lines at worst. */
const STATE_COLUMNS = 28;

/** One line for each of the first pods, where they differ in a way that matters: one is refused, or some are much older. */
export function podLines({ pods }: GatewayReport, now: Instant, page: Page): readonly Line[] {
  if (!pods.some(({ refused }) => refused) && !differInAge(pods)) return [];
  const ordered = pods.toSorted(
    (a, b) => Number(b.refused) - Number(a.refused) || firstOf(deadlineOf(a), deadlineOf(b)),
  );
  const listed = ordered.slice(0, LISTED).map((pod) => ({ pod, name: printable(pod.name, NAME_LIMIT) }));
  const column = Math.max(...listed.map(({ name }) => displayWidth(name)));
  const more = ordered.length - listed.length;
  return [
    ...listed.flatMap(({ pod, name }, index) => {
      const lead = label(page, index === 0 ? "pods" : "");
      return row({ lead, cell: { text: name }, column, room: STATE_COLUMNS }, stateRuns(pod, now, page), page.width);
    }),
    ...(more > 0 ? labelled(page, "", [{ text: `and ${more} more`, style: page.paint.dim }]) : []),
  ];
}

function stateRuns(pod: PodReport, now: Instant, { paint }: Page): readonly Run[] {
  const startedAt = parseInstant(pod.startedAt);
  const left = deadlineOf(pod) - now;
  return [
    ...(pod.refused ? [{ text: `refused (${pod.rejections} lines),`, style: paint.red }] : []),
    ...(!pod.refused && left > 0 && Number.isFinite(left) ? [{ text: `${formatDuration(left)} left,` }] : []),
    { text: startedAt === null ? "not running" : `started ${relative(startedAt, now)}`, style: paint.dim },
  ];
}

/** A day is more than the pods of one rollout need, and less than anybody plans with. */
function differInAge(pods: readonly PodReport[]): boolean {
  const deadlines = pods.map(deadlineOf).filter(Number.isFinite);
  return deadlines.length > 1 && Math.max(...deadlines) - Math.min(...deadlines) > DAY;
}

/** The earliest moment at which the pod's token may be refused; infinite when its age is not known. */
const deadlineOf = ({ expiresAt }: PodReport): number => parseInstant(expiresAt?.earliest) ?? Number.POSITIVE_INFINITY;

/** Order of two numbers that may both be infinite, whose difference is no number. */
const firstOf = (a: number, b: number): number => (a === b ? 0 : a - b);
