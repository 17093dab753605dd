import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** An AWS in memory, on loopback. */
export interface Moto {
  readonly url: string;
  stop(): Promise<void>;
}

/** @param programs from `installMoto` */
export async function startMoto(programs: string): Promise<Moto> {
  const child = spawn(`${programs}/python`, ["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"], {
    env: { PATH: process.env.PATH, AWS_EC2_METADATA_DISABLED: "true" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(child, "exit");
  const url = await addressOf(createInterface({ input: child.stderr }), ended);
  return {
    url,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}

/** moto says on stderr which port it was given, and goes on writing a line for each request. */
function addressOf(lines: AsyncIterable<string> & NodeJS.EventEmitter, ended: Promise<unknown>): Promise<string> {
  return new Promise((resolve, reject) => {
    const seen: string[] = [];
    lines.on("line", (line: string) => {
      const url = /Running on (http:\S+)/.exec(line)?.[1];
      if (url === undefined) seen.push(line);
      else resolve(url);
    });
    ended.then(() => reject(new Error(`moto did not start:\n${seen.join("\n")}`)));
  });
}
