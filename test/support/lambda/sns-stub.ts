import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createFaults, type Fault, type Faults } from "../iam/faults.ts";
import { answer, bodyOf, refuse } from "../iam/query-protocol.ts";
import { serve } from "../stub-server.ts";

export interface Published {
  readonly topic: string;
  readonly subject: string | null;
  readonly message: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** SNS with one topic, which keeps what is published. */
export interface SnsStub {
  /** For `AWS_ENDPOINT_URL_SNS`. */
  readonly url: string;
  readonly faults: Faults;
  readonly published: readonly Published[];
  stop(): Promise<void>;
}

/** In bytes. */
const MAX_MESSAGE = 256 * 1024;

export async function startSns(topicArn: string): Promise<SnsStub> {
  const faults = createFaults();
  const published: Published[] = [];

  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const form = new URLSearchParams(await bodyOf(request));
    const fault = faults.take() ?? objection(form, topicArn);
    if (fault === "hang") return;
    if (fault !== undefined) {
      refuse(response, fault);
      return;
    }
    published.push({
      topic: topicArn,
      subject: form.get("Subject"),
      message: form.get("Message") ?? "",
      attributes: attributesOf(form),
    });
    answer(response, "Publish", "http://sns.amazonaws.com/doc/2010-03-31/", { MessageId: randomUUID() });
  };

  const server = await serve(
    createServer((request, response) => void listener(request, response)),
    (port) => `http://127.0.0.1:${port}`,
  );
  return { url: server.url, faults, published, stop: server.close };
}

/** What SNS itself would refuse, by the reference of Publish. */
function objection(form: URLSearchParams, topicArn: string): Fault | undefined {
  const [topic, subject, message] = [form.get("TopicArn"), form.get("Subject"), form.get("Message") ?? ""];
  const invalid = (what: string): Fault => ({
    status: 400,
    code: "InvalidParameter",
    message: `Invalid parameter: ${what}`,
  });
  if (form.get("Action") !== "Publish") return { status: 400, code: "InvalidAction", message: "only Publish is here" };
  if (topic !== topicArn) return { status: 404, code: "NotFound", message: "Topic does not exist" };
  if (subject !== null && !/^[!-~][ -~]{0,99}$/.test(subject)) return invalid("Subject");
  if (message === "") return invalid("Empty message");
  if (Buffer.byteLength(message) > MAX_MESSAGE) return invalid("Message too long");
  return undefined;
}

/** `MessageAttributes.entry.1.Name`, `….Value.StringValue` */
function attributesOf(form: URLSearchParams): Record<string, string> {
  const names = [...form].filter(([key]) => /^MessageAttributes\.entry\.\d+\.Name$/.test(key));
  return Object.fromEntries(
    names.map(([key, name]) => [name, form.get(key.replace(/Name$/, "Value.StringValue")) ?? ""]),
  );
}
