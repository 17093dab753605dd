import { createServer, type RequestListener } from "node:http";
import type { Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import type { Authority } from "../control-plane/boot/certificates.ts";
import { type StubServer, serve } from "../stub-server.ts";

const STS = /^sts[.-][a-z0-9.-]+:443$/;

/**
 * A proxy that is itself the end of every connection to STS, under whichever name of a region: the authenticator calls the host
 * that stands in the token, and nothing of a test may leave this machine.
 */
export function startStsProxy(authority: Authority, listener: RequestListener): Promise<StubServer> {
  const sts = createServer(listener);
  const proxy = createServer((_request, response) => response.writeHead(403).end());
  proxy.on("connect", ({ url = "" }, socket: Socket, head: Buffer) => {
    if (!STS.test(url)) {
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    if (head.length > 0) socket.unshift(head);
    const { certificate, key } = authority.issue({ commonName: "sts" }, [url.replace(/:443$/, "")]);
    const secureContext = createSecureContext({ cert: certificate, key });
    const secure = new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: ["http/1.1"] });
    // Whoever distrusts the certificate hangs up.
    secure.on("error", () => {});
    sts.emit("connection", secure);
  });
  return serve(proxy, (port) => `http://127.0.0.1:${port}`);
}
