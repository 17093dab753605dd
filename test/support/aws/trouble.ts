import type { ServerResponse } from "node:http";

/** How an answer can go wrong short of an error that the service itself gives. */
export const TROUBLES = ["hang", "hang in body", "reset", "garbage", "gateway page"] as const;
export type Trouble = (typeof TROUBLES)[number];

/** Goes wrong; `canary` stands in everything that is sent. */
export function makeTrouble(response: ServerResponse, trouble: Trouble, canary: string): void {
  switch (trouble) {
    case "hang":
      return;
    case "hang in body":
      response.writeHead(200, { "content-type": "application/json", "content-length": 1000 });
      response.write(`{"${canary}`);
      return;
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "garbage":
      response.writeHead(200, { "content-type": "application/json" });
      response.end(`<html>${canary}</html>`);
      return;
    case "gateway page":
      response.writeHead(502, canary, { "content-type": "text/html", "x-canary": canary });
      response.end(`<html>${canary}</html>`);
      return;
  }
}
