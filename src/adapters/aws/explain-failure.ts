import type { ReadFailureCode } from "../../model/read.ts";
import { EXPIRED, type FailedCall, WRONGLY_SIGNED } from "./failed-call.ts";

/** The AWS APIs that are called, by the names in their endpoints. */
const APIS = { eks: "EKS", lambda: "Lambda", logs: "CloudWatch Logs", sns: "SNS", sts: "STS" } as const;

/** One call to an AWS API, as a failure tells it. */
export interface AwsCall {
  /** In words: `describe EKS cluster prod in eu-west-1`. */
  readonly what: string;
  readonly service: keyof typeof APIS;
  readonly region: string;
  /** The IAM action it takes: `eks:DescribeCluster`. */
  readonly action: string;
  /** What the action is on, as a policy names it. */
  readonly resource: string;
  /** What a failure means here, where the general sentence would say less; without its full stop. */
  readonly explain?: Partial<Record<ReadFailureCode, string>>;
}

/** What happened and what to do, in words of ours and one of AWS'. */
export function explainFailure(call: AwsCall, { code, word }: FailedCall): string {
  const { service, region, action, resource } = call;
  const here = call.explain?.[code];
  if (here !== undefined) return `${here} (${word}).`;
  const api = `${APIS[service]} in ${region}`;
  switch (code) {
    case "Forbidden":
      return `AWS refuses ${action} on ${resource} (${word}); allow it in the policy of the role that asks.`;
    case "Unauthorized":
      return `${api} does not accept the AWS credentials (${word}); ${whyNotAccepted(word)}`;
    case "Throttled":
      return `${api} is asked too often (${word}, after several attempts); the next run asks again.`;
    case "ServerError":
      return `${api} failed to answer (${word}, after several attempts); the next run asks again.`;
    case "Unreachable":
      return `No connection to ${api} (${word}); ${wayOut(call)}`;
    case "Timeout":
      return `${api} gave no answer in time; ${wayOut(call)}`;
    case "UntrustedCertificate":
      return `The certificate of ${api} is not trusted (${word}); if a proxy opens TLS, give its CA in NODE_EXTRA_CA_CERTS.`;
    case "InvalidAnswer":
      return `The answer is not one of ${api} (${word}); check what stands in between, and AWS_ENDPOINT_URL.`;
    default:
      return `${api} refuses ${action} on ${resource} (${word}); check the name and the region.`;
  }
}

function whyNotAccepted(word: string): string {
  if (EXPIRED.has(word)) return "they have expired; run again with new ones.";
  if (WRONGLY_SIGNED.has(word)) return "the secret key does not fit the access key, or this machine's clock is wrong.";
  return "check where they come from, and whether the region is enabled in their account.";
}

/** A function in a VPC has no way to AWS' APIs unless it is given one. */
const wayOut = ({ service, region }: AwsCall): string =>
  `a function in a VPC needs a NAT gateway or the interface endpoint com.amazonaws.${region}.${service}, which admits port 443 from it.`;
