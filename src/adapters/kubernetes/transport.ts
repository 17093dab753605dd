import type { Agent, AgentOptions, ClientRequest, IncomingMessage } from "node:http";
import https from "node:https";
import type { Duplex } from "node:stream";
import { isDeepStrictEqual } from "node:util";
import { type Millis, SECOND } from "../../model/time.ts";
import type { Authenticate, RequestCredentials } from "./credentials.ts";
import { failedConnection } from "./failed-connection.ts";
import { failedStatus } from "./failed-status.ts";
import { IDLE_SOCKET_TIMEOUT, type Limits, MAX_SOCKETS } from "./limits.ts";
import { RequestFailed, signInFailed } from "./request-failed.ts";
import type { ServerAddress } from "./server-address.ts";

/** How the connection to one API server is made. */
export interface ConnectionOptions {
  readonly address: ServerAddress;
  /** PEM; null: the authorities Node trusts. */
  readonly ca: string | Buffer | null;
  readonly authenticate: Authenticate;
  /** The name the server's certificate must be for, when it is not the host of the address. */
  readonly tlsServerName: string | null;
  readonly insecureSkipTlsVerify: boolean;
  readonly proxy: ProxySettings | null;
  /** Ends the message when there is no way to the server: what to check, as half a sentence; null: the usual things. */
  readonly unreachableHint: string | null;
  readonly limits: Pick<Limits, "connectTimeout" | "answerTimeout">;
}

/** The environment variables of this meaning; values are URLs. */
export interface ProxySettings {
  readonly HTTPS_PROXY?: string;
  readonly HTTP_PROXY?: string;
  readonly NO_PROXY?: string;
}

export interface OutgoingRequest {
  readonly method: string;
  /** With the query, and with the base path of the server. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The longest wait for a connection, and again for the answer, where that is less than the limits of the connection. */
  readonly maxWait?: Millis;
}

export interface Upgraded {
  readonly headers: IncomingMessage["headers"];
  readonly connection: Duplex;
  /** What came after the head of the answer in the same packet. */
  readonly first: Buffer;
}

/** The head of an answer: with a body to come, or with the connection for another protocol. */
type Answer = { readonly response: IncomingMessage; readonly upgraded: Upgraded | null };

export interface Transport {
  /**
   * Sends a request and gives the answer as soon as its head is there and says success. Rejects with RequestFailed and nothing
   * else. The caller reads the body or destroys it.
   */
  open(request: OutgoingRequest): Promise<IncomingMessage>;
  /**
   * Sends a request to speak another protocol on its connection, and gives the connection when the server agrees (101). Rejects with
   * RequestFailed and nothing else. The caller ends the connection.
   */
  upgrade(request: OutgoingRequest): Promise<Upgraded>;
  /** Ends every connection; requests that come later fail. */
  close(): void;
}

/**
 * node:https with one agent per cluster. Node's fetch takes no CA per cluster. `node:http` is taken only for http:// servers,
 * and without `import`: its ES module facade loads all of undici, 30 ms on a cold start.
 */
export function createTransport(options: ConnectionOptions): Transport {
  const { address, authenticate } = options;
  const module = address.protocol === "https:" ? https : process.getBuiltinModule("node:http");
  const agent = new module.Agent(agentOptions(options));
  const signIn = (refused?: RequestCredentials) =>
    authenticate(refused).catch((error) => {
      throw signInFailed(error);
    });
  const send = (request: OutgoingRequest, credentials: RequestCredentials) =>
    exchange(() => module.request(requestOptions(options, request, credentials, agent)), request, options);
  const upgraded = new Set<Duplex>();
  let closed = false;
  const ask = async (request: OutgoingRequest): Promise<Answer> => {
    // An agent that was destroyed would open new connections.
    if (closed) throw new RequestFailed("Unreachable", `The connection to ${address.label} was closed.`);
    const credentials = await signIn();
    const answer = await send(request, credentials);
    if (answer.response.statusCode !== 401) return answer;
    // Whoever is not recognised has changed nothing, so even a patch may be sent again.
    const renewed = await signIn(credentials);
    if (isDeepStrictEqual(renewed, credentials)) return answer;
    answer.response.destroy();
    return send(request, renewed);
  };
  const refuse = (answer: Answer): RequestFailed => {
    answer.response.destroy();
    answer.upgraded?.connection.destroy();
    return failedStatus(answer.response.statusCode ?? 0, answer.response.headers["retry-after"], address.label);
  };
  return {
    async open(request) {
      const answer = await ask(request);
      const { statusCode: status = 0 } = answer.response;
      if (status >= 200 && status < 300) return answer.response;
      throw refuse(answer);
    },
    async upgrade(request) {
      const answer = await ask(request);
      if (answer.upgraded === null) throw refuse(answer);
      const { connection } = answer.upgraded;
      // No longer among the agent's.
      upgraded.add(connection);
      connection.once("close", () => upgraded.delete(connection));
      return answer.upgraded;
    },
    close() {
      closed = true;
      agent.destroy();
      for (const connection of upgraded) connection.destroy();
    },
  };
}

function agentOptions({ address, ca, tlsServerName, insecureSkipTlsVerify, proxy }: ConnectionOptions): AgentOptions {
  return {
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    timeout: IDLE_SOCKET_TIMEOUT,
    ...(proxy === null ? {} : { proxyEnv: { ...proxy } }),
    ...(address.protocol === "http:"
      ? {}
      : {
          ...(ca === null ? {} : { ca }),
          ...(tlsServerName === null ? {} : { servername: tlsServerName }),
          // Said explicitly, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in somebody's shell does not open production clusters.
          rejectUnauthorized: !insecureSkipTlsVerify,
        }),
  };
}

function requestOptions(
  { address, proxy, limits }: ConnectionOptions,
  { method, path, headers, body }: OutgoingRequest,
  credentials: RequestCredentials,
  agent: Agent,
): https.RequestOptions {
  const { clientCertificate } = credentials;
  return {
    agent,
    host: address.host,
    port: address.port,
    method,
    path,
    headers: {
      "user-agent": "apisix-token-guard",
      ...headers,
      ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
      ...credentials.headers,
    },
    ...(clientCertificate === undefined ? {} : { cert: clientCertificate.certificate, key: clientCertificate.key }),
    // Node uses it as the time limit of the tunnel, which is made before there is a socket to watch.
    ...(proxy === null ? {} : { timeout: limits.connectTimeout }),
  };
}

/** Resolves with the head of the answer. Two time limits: until the request is sent, then until the answer begins. */
function exchange(
  create: () => ClientRequest,
  { body, maxWait = Number.POSITIVE_INFINITY }: OutgoingRequest,
  options: ConnectionOptions,
): Promise<Answer> {
  const { label } = options.address;
  const connectTimeout = Math.min(options.limits.connectTimeout, maxWait);
  const answerTimeout = Math.min(options.limits.answerTimeout, maxWait);
  const hint = options.unreachableHint;
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    let answered = false;
    const limit = (millis: number, message: string) => {
      clearTimeout(timer);
      // A server that is near answers before Node says that the request is sent.
      if (answered) return;
      timer = setTimeout(() => {
        reject(new RequestFailed("Timeout", message));
        request.destroy();
      }, millis);
    };
    let request: ClientRequest;
    try {
      request = create();
    } catch (error) {
      reject(failedConnection(error, label, hint));
      return;
    }
    // Not earlier: a request that waits for one of the agent's sockets is waiting for its own kind, not for the server.
    request.once("socket", () =>
      limit(
        connectTimeout,
        `No connection to ${label} within ${connectTimeout / SECOND} s; ${hint ?? "check the server address, security groups and any VPN."}`,
      ),
    );
    request.once("finish", () =>
      limit(
        answerTimeout,
        `${label} took the request but did not answer within ${answerTimeout / SECOND} s; try again later.`,
      ),
    );
    const answer = () => {
      answered = true;
      clearTimeout(timer);
    };
    request.once("response", (response) => {
      answer();
      resolve({ response, upgraded: null });
    });
    request.once("upgrade", (response, connection, first) => {
      answer();
      resolve({ response, upgraded: { headers: response.headers, connection, first } });
    });
    request.once("error", (error) => {
      answer();
      const failure = failedConnection(error, label, hint);
      // A kept-alive connection that the other side gave up says nothing about the server: a read may try again at once.
      const again = request.reusedSocket && failure.code === "Unreachable";
      reject(again ? new RequestFailed(failure.code, failure.message, 0) : failure);
    });
    request.end(body);
  });
}
