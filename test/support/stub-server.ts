import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import type { Duplex } from "node:stream";
import { createAuthority } from "./control-plane/boot/certificates.ts";

/** A server on loopback that answers what a test makes up. */
export interface StubServer {
  readonly url: string;
  readonly port: number;
  /** PEM of the throw-away CA that signed its certificate. */
  readonly ca: string;
  close(): Promise<void>;
}

const authority = createAuthority("stub-ca");
const certified = authority.issue({ commonName: "stub" }, ["127.0.0.1", "kubernetes.default"]);

/** Answers a request to speak another protocol: the request and its connection. */
export type UpgradeListener = (request: IncomingMessage, connection: Duplex) => void;

/** `tls: false`: plain HTTP. `hosts`: whom the certificate is for. Without `upgrade` a request for it is answered as any other. */
export async function startStub(
  listener: RequestListener,
  { tls = true, hosts = null as readonly string[] | null, upgrade = null as UpgradeListener | null } = {},
): Promise<StubServer> {
  const { certificate, key } = hosts === null ? certified : authority.issue({ commonName: "stub" }, hosts);
  const server = tls ? createHttpsServer({ cert: certificate, key }, listener) : createHttpServer(listener);
  // A client that gives up or distrusts us is what many tests are about.
  server.on("tlsClientError", () => {});
  server.on("clientError", (_error, socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  if (upgrade !== null) server.on("upgrade", upgrade);
  return serve(server, (port) => `${tls ? "https" : "http"}://127.0.0.1:${port}`);
}

/** Starts any server on a free port; `close` also ends the connections that are open. */
export async function serve(server: Server, toUrl: (port: number) => string): Promise<StubServer> {
  const sockets = new Set<{ destroy(): void }>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: toUrl(port),
    port,
    ca: authority.certificate,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Answers `body` as JSON with status 200, as the API server does. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): RequestListener {
  return (_request, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
}
