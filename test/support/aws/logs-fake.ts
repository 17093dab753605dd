import { json } from "node:stream/consumers";
import { type StubServer, startStub } from "../stub-server.ts";
import { CANARY } from "./no-secrets.ts";
import { makeTrouble, type Trouble } from "./trouble.ts";

export interface LogEvent {
  readonly timestamp: number;
  readonly stream: string;
  readonly message: string;
}

/** A request as it was sent, and by whom. */
export interface LogsRequest {
  readonly operation: string;
  readonly region: string;
  readonly signedBy: string;
  readonly logGroupName?: string;
  readonly logStreamNamePrefix?: string;
  readonly filterPattern?: string;
  readonly startTime?: number;
  readonly endTime?: number;
  readonly startFromHead?: boolean;
  readonly nextToken?: string;
}

export interface LogsError {
  readonly status: number;
  readonly type: string;
}

export interface LogsFake extends StubServer {
  readonly requests: LogsRequest[];
  /** Decides for each request whether it fails; replaced by tests. */
  fail: () => LogsError | Trouble | null;
}

export interface LogsFakeOptions {
  /** By the name of the log group. */
  readonly groups: Readonly<Record<string, readonly LogEvent[]>>;
  /** Matches on one page; before each there is a page without any. */
  readonly pageSize?: number;
}

/** CloudWatch Logs as far as the guard asks it, by its real protocol (JSON 1.1). Named to the SDK by AWS_ENDPOINT_URL_CLOUDWATCH_LOGS. */
export async function startLogsFake({ groups, pageSize = 100 }: LogsFakeOptions): Promise<LogsFake> {
  const requests: LogsRequest[] = [];
  const stub = await startStub(
    async (incoming, response) => {
      const [, signedBy = "", region = ""] =
        /Credential=([^/]+)\/\d{8}\/([^/]+)\/logs\/aws4_request/.exec(incoming.headers.authorization ?? "") ?? [];
      const operation = String(incoming.headers["x-amz-target"]).replace("Logs_20140328.", "");
      const request = { ...((await json(incoming)) as object), operation, region, signedBy } as LogsRequest;
      requests.push(request);
      const failure = fake.fail();
      if (typeof failure === "string") return makeTrouble(response, failure, CANARY);
      const events = groups[request.logGroupName ?? ""];
      const error = failure ?? (events === undefined ? { status: 400, type: "ResourceNotFoundException" } : null);
      response.writeHead(error?.status ?? 200, { "content-type": "application/x-amz-json-1.1", "x-canary": CANARY });
      response.end(
        JSON.stringify(
          error === null ? page(events ?? [], request, pageSize) : { __type: error.type, message: CANARY },
        ),
      );
    },
    { tls: false },
  );
  const fake: LogsFake = { ...stub, requests, fail: () => null };
  return fake;
}

/** Pages are numbered: those of even numbers are empty, as when a stretch of the log was searched in vain. */
function page(events: readonly LogEvent[], request: LogsRequest, pageSize: number): object {
  const { startTime = 0, endTime = Number.POSITIVE_INFINITY, logStreamNamePrefix = "", startFromHead = true } = request;
  const terms = [...(request.filterPattern ?? "").matchAll(/"([^"]*)"/g)].map(([, term = ""]) => term);
  const found = events
    .filter(({ timestamp }) => timestamp >= startTime && timestamp <= endTime)
    .filter(({ stream }) => stream.startsWith(logStreamNamePrefix))
    .filter(({ message }) => terms.every((term) => message.includes(term)))
    .toSorted((a, b) => (startFromHead ? a.timestamp - b.timestamp : b.timestamp - a.timestamp));
  const number = Number(request.nextToken ?? 0);
  const start = Math.floor(number / 2) * pageSize;
  const shown = number % 2 === 0 ? [] : found.slice(start, start + pageSize);
  const isLast = number % 2 === 1 && start + pageSize >= found.length;
  return {
    events: shown.map(({ timestamp, stream, message }, index) => ({
      eventId: `${number}-${index}`,
      ingestionTime: timestamp + 60_000,
      logStreamName: stream,
      timestamp,
      message,
    })),
    searchedLogStreams: [],
    ...(isLast ? {} : { nextToken: String(number + 1) }),
  };
}
