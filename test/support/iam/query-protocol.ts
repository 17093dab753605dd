import type { IncomingMessage, ServerResponse } from "node:http";
import type { Fault } from "./faults.ts";

/** The "AWS query" protocol, which STS and SNS speak: a form comes in, XML goes out. */

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Nested elements as nested objects. */
export interface Elements {
  readonly [name: string]: string | Elements;
}

export function answer(response: ServerResponse, action: string, namespace: string, result: Elements): void {
  const body = { [`${action}Result`]: result, ResponseMetadata: { RequestId: "stub" } };
  send(response, 200, `<${action}Response xmlns="${namespace}">${xml(body)}</${action}Response>`);
}

/** In the form that the SDK turns into an exception of this name. */
export function refuse(response: ServerResponse, { status, code, message }: Fault): void {
  const error = { Type: status < 500 ? "Sender" : "Receiver", Code: code, Message: message };
  send(response, status, xml({ ErrorResponse: { Error: error, RequestId: "stub" } }));
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "text/xml" });
  response.end(body);
}

const xml = (elements: Elements): string =>
  Object.entries(elements)
    .map(([name, content]) => `<${name}>${typeof content === "string" ? escaped(content) : xml(content)}</${name}>`)
    .join("");

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
