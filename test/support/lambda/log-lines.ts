import type { Readable } from "node:stream";

/** One line of a function's log: the object where it is JSON, else the text. */
export type LogLine = string | Readonly<Record<string, unknown>>;

/** The runtime writes this to both streams when an invocation is over; it is no part of the log. */
export const END_OF_INVOCATION = "END of the invocation";

/** What a process writes, line by line. */
export interface LogCapture {
  /** What was written since the last call. */
  take(): LogLine[];
  /** Resolves when every stream has come to the end of this invocation, or to its own end. */
  complete(): Promise<void>;
}

export function captureLog(streams: readonly Readable[]): LogCapture {
  let lines: LogLine[] = [];
  const readers = streams.map((stream) => {
    let rest = "";
    let end = Promise.withResolvers<void>();
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      const [last = "", ...complete] = (rest + text).split("\n").reverse();
      rest = last;
      for (const line of complete.reverse()) {
        if (line === END_OF_INVOCATION) end.resolve();
        else if (line !== "") lines.push(parsed(line));
      }
    });
    stream.on("close", () => {
      if (rest !== "") lines.push(parsed(rest));
      rest = "";
      end.resolve();
    });
    return async () => {
      await end.promise;
      if (!stream.closed) end = Promise.withResolvers();
    };
  });
  return {
    take: () => {
      const taken = lines;
      lines = [];
      return taken;
    },
    complete: async () => {
      await Promise.all(readers.map((reader) => reader()));
    },
  };
}

function parsed(line: string): LogLine {
  if (!line.startsWith("{")) return line;
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return line;
  }
}
