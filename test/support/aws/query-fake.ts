import { text } from "node:stream/consumers";
import { type StubServer, startStub } from "../stub-server.ts";
import { CANARY } from "./no-secrets.ts";
import { makeTrouble, type Trouble } from "./trouble.ts";

/** An error as the service gives it. */
export interface QueryError {
  readonly status: number;
  readonly code: string;
}

export interface QueryFake extends StubServer {
  /** The forms that were sent, in order. */
  readonly requests: Readonly<Record<string, string>>[];
  /** Decides whether the next request fails; replaced by tests. */
  fail: () => QueryError | Trouble | null;
}

/** A service of AWS' oldest protocol, forms in and XML out: STS and SNS. `result` makes the content of `…Result`. */
export async function startQueryFake(result: (form: Readonly<Record<string, string>>) => string): Promise<QueryFake> {
  const requests: Readonly<Record<string, string>>[] = [];
  const stub = await startStub(
    async (incoming, response) => {
      const form = Object.fromEntries(new URLSearchParams(await text(incoming)));
      requests.push({ ...form, signedBy: /Credential=([^,]+)/.exec(incoming.headers.authorization ?? "")?.[1] ?? "" });
      const failure = fake.fail();
      if (typeof failure === "string") return makeTrouble(response, failure, CANARY);
      response.writeHead(failure?.status ?? 200, { "content-type": "text/xml", "x-amzn-requestid": "11111111-2222" });
      const { Action: action } = form;
      response.end(
        failure === null
          ? `<${action}Response xmlns="https://aws.example/doc/"><${action}Result>${result(form)}</${action}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></${action}Response>`
          : `<ErrorResponse xmlns="https://aws.example/doc/"><Error><Type>Sender</Type><Code>${failure.code}</Code><Message>${CANARY}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
      );
    },
    { tls: false },
  );
  const fake: QueryFake = { ...stub, requests, fail: () => null };
  return fake;
}
