import type { IncomingHttpHeaders } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import type { RunDirectory } from "../boot/run-directory.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface RequestOptions {
  /** Text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  /** Bearer token in place of the administrator's certificate; null for no credentials at all. */
  readonly token?: string | null;
  /** `application/json`, and for PATCH `application/merge-patch+json`. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the server may be silent, in milliseconds; 30 s by default. */
  readonly timeout?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A status of 400 and above, thrown by the typed methods of {@link ApiClient}. */
export class ApiError extends Error {
  readonly status: number;

  constructor(method: Method, path: string, answer: Answer) {
    super(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 2000)}`);
    this.name = "ApiError";
    this.status = answer.status;
  }
}

/** The API as the administrator sees it, or as anybody else by token. Deliberately not the client under test. */
export class ApiClient {
  readonly #port: number;
  readonly #tls: { ca: string; cert: string; key: string };
  /** One per kind of credentials: a client certificate belongs to the connection. */
  readonly #withCertificate: Agent;
  readonly #withoutCertificate: Agent;

  constructor(directory: RunDirectory, port: number) {
    this.#port = port;
    const ca = directory.readPki("ca.crt");
    this.#tls = { ca, cert: directory.readPki("admin.crt"), key: directory.readPki("admin.key") };
    this.#withCertificate = new Agent({ keepAlive: true, ...this.#tls });
    this.#withoutCertificate = new Agent({ keepAlive: true, ca });
  }

  /** Any status is an answer; throws only when there is none. */
  request(method: Method, path: string, options: RequestOptions = {}): Promise<Answer> {
    const { body, token, headers, timeout = 30_000 } = options;
    const payload = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const contentType =
      options.contentType ?? (method === "PATCH" ? "application/merge-patch+json" : "application/json");
    return new Promise((resolve, reject) => {
      const outgoing = httpsRequest(
        {
          host: "127.0.0.1",
          port: this.#port,
          method,
          path,
          timeout,
          agent: token === undefined ? this.#withCertificate : this.#withoutCertificate,
          headers: {
            accept: "application/json",
            "user-agent": "control-plane-test",
            ...(payload === undefined ? {} : { "content-type": contentType }),
            ...(typeof token === "string" ? { authorization: `Bearer ${token}` } : {}),
            ...headers,
          },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("error", reject);
          incoming.on("end", () => {
            const text = Buffer.concat(chunks).toString();
            resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text });
          });
        },
      );
      outgoing.on("error", reject);
      outgoing.on("timeout", () => outgoing.destroy(new Error(`${method} ${path}: no answer for ${timeout} ms`)));
      outgoing.end(payload);
    });
  }

  get<T>(path: string): Promise<T> {
    return this.#json<T>("GET", path);
  }

  create<T>(path: string, body: unknown): Promise<T> {
    return this.#json<T>("POST", path, { body });
  }

  /** A JSON merge patch: null removes. */
  patch<T>(path: string, body: unknown, contentType = "application/merge-patch+json"): Promise<T> {
    return this.#json<T>("PATCH", path, { body, contentType });
  }

  delete<T>(path: string): Promise<T> {
    return this.#json<T>("DELETE", path);
  }

  close(): void {
    this.#withCertificate.destroy();
    this.#withoutCertificate.destroy();
  }

  async #json<T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
    const answer = await this.request(method, path, options);
    if (answer.status >= 400) throw new ApiError(method, path, answer);
    return JSON.parse(answer.text) as T;
  }
}
