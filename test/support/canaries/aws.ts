import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { type StubServer, startStub } from "../stub-server.ts";
import { BAD_ANSWERS, HEADERS } from "./answers.ts";
import { CANARIES } from "./inventory.ts";

/** Everything that the guard ever asks AWS. */
export const OPERATIONS = [
  "DescribeCluster",
  "ListClusters",
  "AssumeRole",
  "Invoke",
  "Publish",
  "FilterLogEvents",
] as const;
export type Operation = (typeof OPERATIONS)[number];

const XML = new Set<Operation>(["AssumeRole", "Publish"]);

/** An error as the service itself gives it, in the protocol of the operation. */
const error =
  (status: number, type: string) =>
  (response: ServerResponse, operation: Operation): void => {
    const { awsMessage, awsField, awsHeader } = CANARIES;
    const fields = { message: awsMessage, Message: awsMessage, clusterName: awsField, encodedMessage: awsField };
    response.writeHead(status, {
      ...HEADERS,
      "content-type": XML.has(operation) ? "text/xml" : "application/json",
      "x-amzn-errortype": XML.has(operation) ? "" : `${type}:http://internal.amazon.com/`,
      "x-amzn-requestid": awsHeader,
    });
    response.end(
      XML.has(operation)
        ? `<ErrorResponse><Error><Type>Sender</Type><Code>${type}</Code><Message>${awsMessage}</Message><Detail>${awsField}</Detail></Error><RequestId>${awsHeader}</RequestId></ErrorResponse>`
        : JSON.stringify({ __type: type, ...fields }),
    );
  };

/** What AWS, or something in between, can answer instead of an answer. */
const BAD: Readonly<Record<string, (response: ServerResponse, operation: Operation) => void>> = {
  ...Object.fromEntries(Object.entries(BAD_ANSWERS).filter(([name]) => !/^\d+$/.test(name))),
  "access denied": error(403, "AccessDeniedException"),
  "access denied, as old services say it": error(403, "AccessDenied"),
  "an expired token": error(403, "ExpiredTokenException"),
  "a wrong signature": error(403, "SignatureDoesNotMatch"),
  "an unknown key": error(403, "InvalidClientTokenId"),
  "not found": error(404, "ResourceNotFoundException"),
  "a bad request": error(400, "ValidationException"),
  throttling: error(429, "ThrottlingException"),
  "a fault of the service": error(500, "ServerException"),
  "an error of a type that is a canary": error(400, CANARIES.awsType),
  "an error of a type that is a key": error(400, CANARIES.pastedKeyId),
};
export const BAD_AWS_ANSWERS = Object.keys(BAD);

export interface FakeAws extends StubServer {
  fail(fault: { readonly operation: Operation; readonly answer: string } | null): void;
  readonly failed: boolean;
  /** What was sent here: messages for people, payloads for functions. */
  received(): string;
  /** All that was answered. */
  served(): string;
}

export interface FakeAwsOptions {
  /** Of the cluster `prod`, which is the only one. */
  readonly endpoint: string;
  /** PEM. */
  readonly ca: string;
  /** Lines of the audit log. */
  readonly audit: readonly string[];
}

/** All services of AWS that the guard asks, at one address, with canaries in whatever they answer. */
export async function startFakeAws({ endpoint, ca, audit }: FakeAwsOptions): Promise<FakeAws> {
  const received: string[] = [];
  const served: string[] = [];
  let fault: { readonly operation: Operation; readonly answer: string } | null = null;
  let failed = false;
  const cluster = {
    name: "prod",
    arn: "arn:aws:eks:eu-west-1:111122223333:cluster/prod",
    endpoint,
    certificateAuthority: { data: Buffer.from(ca).toString("base64") },
    status: "ACTIVE",
    resourcesVpcConfig: { vpcId: "vpc-0123", clusterSecurityGroupId: "sg-0123" },
    tags: { apisix: "true", secret: CANARIES.tag },
    identity: { oidc: { issuer: `https://oidc.example/id/${CANARIES.awsField}` } },
  };
  const answers: Readonly<Record<Operation, () => string | object>> = {
    DescribeCluster: () => ({ cluster }),
    ListClusters: () => ({ clusters: ["prod"] }),
    AssumeRole: () =>
      `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>${CANARIES.roleKeyId}</AccessKeyId><SecretAccessKey>${CANARIES.roleSecret}</SecretAccessKey><SessionToken>${CANARIES.roleToken}</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
    Invoke: () => "",
    Publish: () => "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>",
    FilterLogEvents: () => ({ events: audit.map((message) => ({ message, timestamp: 1 })) }),
  };
  const stub = await startStub(
    async (request, response) => {
      const body = await text(request);
      const operation = operationOf(request, body);
      received.push(body);
      if (fault?.operation === operation) {
        failed = true;
        BAD[fault.answer]?.(response, operation);
        return;
      }
      const answer = answers[operation]();
      const content = typeof answer === "string" ? answer : JSON.stringify(answer);
      served.push(content);
      response.writeHead(operation === "Invoke" ? 202 : 200, {
        ...HEADERS,
        "content-type": XML.has(operation) ? "text/xml" : "application/json",
        "x-amzn-requestid": CANARIES.awsHeader,
      });
      response.end(content);
    },
    { tls: false },
  );
  return {
    ...stub,
    fail: (next) => {
      fault = next;
      failed = false;
    },
    get failed() {
      return failed;
    },
    received: () => received.join("\n"),
    served: () => served.join("\n"),
  };
}

function operationOf({ url = "", headers }: IncomingMessage, body: string): Operation {
  if (headers["x-amz-target"] === "Logs_20140328.FilterLogEvents") return "FilterLogEvents";
  if (url.includes("/invocations")) return "Invoke";
  if (url.startsWith("/clusters/")) return "DescribeCluster";
  if (url.startsWith("/clusters")) return "ListClusters";
  return body.includes("Action=Publish") ? "Publish" : "AssumeRole";
}

const SERVICES = ["EKS", "STS", "LAMBDA", "SNS", "CLOUDWATCH_LOGS"];

/** The environment of a function whose AWS is this one. */
export const functionVariables = (url: string): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(SERVICES.map((service) => [`AWS_ENDPOINT_URL_${service}`, url])),
  AWS_REGION: "eu-west-1",
  AWS_CONFIG_FILE: "/nonexistent",
  AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
  AWS_EC2_METADATA_DISABLED: "true",
  GUARD_REMEDIATE_FUNCTION: "guard-remediate",
  GUARD_TOPIC_ARN: "arn:aws:sns:eu-west-1:111122223333:guard",
  POWERTOOLS_METRICS_NAMESPACE: "ApisixTokenGuard",
  POWERTOOLS_SERVICE_NAME: "apisix-token-guard",
});
