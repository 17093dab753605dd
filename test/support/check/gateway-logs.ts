import { HOUR, type Instant, MINUTE, SECOND } from "../../../src/model/time.ts";
import { accessLog, FORBIDDEN, refusal, UNAUTHORIZED } from "../../evidence/log-text.ts";

/** One line of a container's log, in the form the test bed takes. */
interface Line {
  readonly at: Date;
  readonly text: string;
  readonly stream?: "stdout";
}

/** What a gateway's container has written by `now`, in any order. */
export type GatewayLog = (times: { readonly startedAt: Instant; readonly now: Instant }) => {
  readonly lines: readonly Line[];
  /** Of the container before the last restart. */
  readonly previous?: readonly Line[];
};

const GONE = '{"kind":"Status","status":"Failure","reason":"Expired","code":410}';

/** How often the access log gets a line in these logs. */
const REQUEST_EVERY = 20 * SECOND;

/** The usual log: some requests, and nothing of the informer. Goes back beyond the time that refusals are looked for in. */
export const quiet: GatewayLog = (times) => ({ lines: requests(times) });

/** The token in memory is refused: a record every 40 s, the newest eight seconds old. */
export const refused: GatewayLog = (times) => ({ lines: [...requests(times), ...refusals(times.now, [88, 48, 8])] });

/** Containers that a rollout has just started are quiet. */
export const onlyOfOldContainers =
  (log: GatewayLog): GatewayLog =>
  (times) =>
    times.now - times.startedAt > HOUR ? log(times) : quiet(times);

/** Its two informers met one unlucky moment. */
export const refusedForOneMoment: GatewayLog = (times) => ({
  lines: [
    ...requests(times),
    ...informerRecord(times.now - 10 * SECOND, "Unauthorized", UNAUTHORIZED),
    ...informerRecord(times.now - 9.4 * SECOND, "Unauthorized", UNAUTHORIZED, "stream [lua]"),
  ],
});

/** The next attempt, 40 s after the last refusal, must have gone well. */
export const refusedUntilRecently: GatewayLog = (times) => ({
  lines: [...requests(times), ...refusals(times.now, [112, 78])],
});

/** The container before was refused, its successor is not. */
export const refusedBeforeItsRestart: GatewayLog = (times) => ({
  lines: requests(times),
  previous: [...requests(times), ...refusals(times.now, [88, 48, 8])],
});

/** Every failure of the informer that no new token would cure. */
export const otherFailures: GatewayLog = (times) => ({
  lines: [
    ...requests(times),
    ...[88, 48, 8].flatMap((age) => [
      ...informerRecord(times.now - age * SECOND, "Forbidden", FORBIDDEN),
      ...informerRecord(times.now - age * SECOND, "Gone", GONE),
      ...informerRecord(times.now - age * SECOND, "ReadBodyError", "closed"),
      record(
        times.now - age * SECOND,
        "[lua] informer_factory.lua:281: connect apiserver failed, apiserver.host: 10.0.0.1, apiserver.port: 443, message : connection refused",
      ),
    ]),
  ],
});

/** A client that writes informer records into everything it may choose. */
export const forgedByClient: GatewayLog = (times) => ({
  lines: [
    ...requests(times),
    ...[88, 48, 8].flatMap((age) =>
      [accessLog({ path: `/${refusal}` }), accessLog({ userAgent: refusal }), accessLog({ referer: refusal })].map(
        (text) => accessLine(times.now - age * SECOND, text),
      ),
    ),
  ],
});

/** So loud that the kubelet has just begun a new file; it serves nothing of the one before. */
export const rotated: GatewayLog = ({ now }) => ({
  lines: [20, 15, 10, 5].map((age) => accessLine(now - age * SECOND)),
});

function requests({ startedAt, now }: { startedAt: Instant; now: Instant }): Line[] {
  const first = Math.max(startedAt + SECOND, now - 10 * MINUTE);
  const count = Math.floor((now - first) / REQUEST_EVERY) + 1;
  return Array.from({ length: count }, (_, index) => accessLine(first + index * REQUEST_EVERY));
}

const refusals = (now: Instant, secondsAgo: readonly number[]): Line[] =>
  secondsAgo.flatMap((age) => informerRecord(now - age * SECOND, "Unauthorized", UNAUTHORIZED));

/** The API server's answer ends in a newline, which makes two lines of the record. */
const informerRecord = (at: Instant, reason: string, message: string, module = "[lua]"): Line[] => [
  record(
    at,
    `${module} informer_factory.lua:295: list failed, kind: Endpoints, reason: ${reason}, message : ${message}`,
  ),
  { at: new Date(at), text: ", context: ngx.timer" },
];

const record = (at: Instant, text: string): Line => ({
  at: new Date(at),
  text: `${new Date(at).toISOString().slice(0, 19).replace("T", " ").replaceAll("-", "/")} [error] 57#57: *509002587 ${text}`,
});

const accessLine = (at: Instant, text = accessLog()): Line => ({ at: new Date(at), text, stream: "stdout" });
