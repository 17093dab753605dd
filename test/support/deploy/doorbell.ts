import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";

/** An address at which nobody opens; it counts who came. */
export interface Doorbell {
  readonly url: string;
  readonly rings: number;
  close(): Promise<void>;
}

export async function listen(): Promise<Doorbell> {
  let rings = 0;
  const server = createServer((socket) => {
    rings += 1;
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get rings() {
      return rings;
    },
    close: async () => {
      server.close();
      await once(server, "close");
    },
  };
}
