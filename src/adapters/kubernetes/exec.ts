import { createHash, randomBytes } from "node:crypto";
import { toRunCommand } from "../../model/asked.ts";
import type { Exec, ExecRequest } from "../../ports.ts";
import { attempt } from "./attempt.ts";
import { invalidAnswer } from "./request-failed.ts";
import { retryRead } from "./retry.ts";
import type { ServerAddress } from "./server-address.ts";
import type { Transport, Upgraded } from "./transport.ts";

/** Servers before 1.30 know only the older one, which is the same as far as it is used here: 5 can also end the input. */
const PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

/**
 * Commands over a WebSocket, straight from the transport: the client library's own Exec needs KubeConfig. Nothing is sent after the
 * request: the command gets no input.
 */
export function kubernetesExec({ basePath, label }: ServerAddress, transport: Transport): Exec {
  return {
    run: (request) =>
      attempt(toRunCommand(request.namespace, request.pod, request.container), label, async () => {
        const until = performance.now() + request.maxTime;
        // Loaded when it is needed, which for most guards is never; and before there is a connection to listen to.
        const { readOutput } = await import("./exec-output.ts");
        const key = randomBytes(16).toString("base64");
        const upgraded = await retryRead(() =>
          transport.upgrade({
            method: "GET",
            path: basePath + execPath(request),
            headers: {
              connection: "Upgrade",
              upgrade: "websocket",
              "sec-websocket-version": "13",
              "sec-websocket-key": key,
              "sec-websocket-protocol": PROTOCOLS.join(", "),
            },
            maxWait: request.maxTime / 2,
          }),
        );
        requireChannels(upgraded, key, label);
        return readOutput(upgraded, request, until, label);
      }),
  };
}

function execPath({ namespace, pod, container, command }: ExecRequest): string {
  const query = new URLSearchParams({ container, stdout: "true" });
  for (const word of command) query.append("command", word);
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/exec?${query}`;
}

/** A server that speaks WebSocket shows that it has read the key (RFC 6455, section 4.2.2). */
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

function requireChannels({ headers, connection }: Upgraded, key: string, label: string): void {
  const accept = createHash("sha1").update(`${key}${ACCEPT_SUFFIX}`).digest("base64");
  const protocol = headers["sec-websocket-protocol"] ?? "";
  if (headers["sec-websocket-accept"] === accept && PROTOCOLS.includes(protocol)) return;
  connection.destroy();
  throw invalidAnswer(label, "it speaks no protocol in which a command can be run");
}
