import { open, stat } from "node:fs/promises";
import type { RunDirectory } from "../boot/run-directory.ts";

/** The fields of `audit.k8s.io/v1` Event that tests look at. */
export interface AuditEvent {
  readonly auditID: string;
  readonly stage: "RequestReceived" | "ResponseStarted" | "ResponseComplete" | "Panic";
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username?: string; readonly groups?: readonly string[] };
  readonly userAgent?: string;
  readonly objectRef?: AuditedObject;
  readonly responseStatus?: { readonly code?: number; readonly reason?: string };
  readonly annotations?: Readonly<Record<string, string>>;
  readonly requestReceivedTimestamp: string;
}

export interface AuditedObject {
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly apiGroup?: string;
}

/** A position in the audit log. */
export type AuditMark = number & { readonly __mark: unique symbol };

export interface AuditFilter {
  /** Only what came after this mark. */
  readonly since?: AuditMark;
  /** The exact user name, e.g. `keeper` or `system:serviceaccount:apisix:apisix`. */
  readonly user?: string;
  /** A part of the User-Agent header. */
  readonly userAgent?: string;
}

const WRITE_VERBS = new Set(["create", "update", "patch", "delete", "deletecollection"]);

/** Created by POST, but stored nowhere: they ask a question. */
const REVIEW_GROUPS = new Set(["authorization.k8s.io", "authentication.k8s.io"]);

/**
 * What the API server was asked, by its audit log: the proof of what a client did, which no client can gloss over.
 * The API server writes an event before it sends the response, so an answered request is always in the file.
 */
export class AuditLog {
  /** The file itself, one event a line. */
  readonly path: string;

  constructor(directory: RunDirectory) {
    this.path = directory.auditLog;
  }

  /** "From here on", for `since`. A position and no time, so that clocks and rounding play no part. */
  async mark(): Promise<AuditMark> {
    const { size } = await stat(this.path);
    return size as AuditMark;
  }

  /** Every stage of every request, in the order of the log. */
  async events({ since, user, userAgent }: AuditFilter = {}): Promise<AuditEvent[]> {
    const lines = (await this.#text(since ?? 0)).split("\n").slice(0, -1);
    return lines
      .map((line) => JSON.parse(line) as AuditEvent)
      .filter((event) => user === undefined || event.user.username === user)
      .filter((event) => userAgent === undefined || event.userAgent?.includes(userAgent));
  }

  /**
   * Requests that change something, or would have if they had not been refused: one event each. Dry runs are not among
   * them, nor are reviews such as SelfSubjectAccessReview.
   */
  async writes(filter: AuditFilter = {}): Promise<AuditEvent[]> {
    const received = (await this.events(filter)).filter(({ stage }) => stage === "RequestReceived");
    return received.filter(
      ({ verb, requestURI, objectRef }) =>
        WRITE_VERBS.has(verb) && !REVIEW_GROUPS.has(objectRef?.apiGroup ?? "") && !requestURI.includes("dryRun=All"),
    );
  }

  async #text(from: number): Promise<string> {
    const file = await open(this.path);
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of file.createReadStream({ start: from, autoClose: false })) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString();
    } finally {
      await file.close();
    }
  }
}
