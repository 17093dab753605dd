import {
  type Configuration,
  createConfiguration,
  ResponseContext,
  ServerConfiguration,
  wrapHttpLibrary,
} from "@kubernetes/client-node";
import { readBody, requireJson } from "./body.ts";
import type { Limits } from "./limits.ts";
import { retryRead } from "./retry.ts";
import type { ServerAddress } from "./server-address.ts";
import type { Transport } from "./transport.ts";

/**
 * Lets the client library's typed APIs send through our transport. They see only answers that succeeded: their own errors
 * quote body and headers.
 */
export function clientConfiguration(address: ServerAddress, transport: Transport, limits: Limits): Configuration {
  const { label } = address;
  const httpApi = wrapHttpLibrary({
    async send(context) {
      const url = new URL(context.getUrl());
      const body = context.getBody();
      const response = await retryRead(() =>
        transport.open({
          method: context.getHttpMethod(),
          path: url.pathname + url.search,
          headers: context.getHeaders(),
          ...(typeof body === "string" ? { body } : {}),
        }),
      );
      requireJson(response, label);
      const content = await readBody(response, label, limits);
      const headers = { "content-type": "application/json", date: response.headers.date ?? "" };
      return new ResponseContext(response.statusCode ?? 0, headers, {
        text: async () => content.toString("utf8"),
        binary: async () => content,
        stream: () => null,
      });
    },
  });
  // The transport knows the host; here it only has to be a URL.
  const origin = `${address.protocol}//${address.label}${address.basePath}`;
  return createConfiguration({ baseServer: new ServerConfiguration(origin, {}), httpApi });
}
