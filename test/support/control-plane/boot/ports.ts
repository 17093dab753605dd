import { type AddressInfo, createServer, type Server } from "node:net";

/** Every port of one control plane, all on 127.0.0.1. */
export const PORT_NAMES = ["etcd", "etcdPeer", "apiServer", "kwok", "controllerManager", "scheduler"] as const;
export type Ports = Readonly<Record<(typeof PORT_NAMES)[number], number>>;

/**
 * Ports that are free now. Somebody may take one before it is used, because none of the programs accepts an
 * open socket: then the whole start is tried again.
 */
export async function freePorts(): Promise<Ports> {
  const numbers = await freeNumbers(PORT_NAMES.length);
  return Object.fromEntries(PORT_NAMES.map((name, index) => [name, numbers[index]])) as Ports;
}

/** One port, for a program beside a control plane. */
export async function freePort(): Promise<number> {
  const [number] = await freeNumbers(1);
  return number as number;
}

async function freeNumbers(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listenAnywhere));
  const numbers = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return numbers;
}

function listenAnywhere(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}
