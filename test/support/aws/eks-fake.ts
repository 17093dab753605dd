import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";
import { type StubServer, startStub } from "../stub-server.ts";
import { makeTrouble, type Trouble } from "./trouble.ts";

/** A cluster that the fake knows. */
export interface FakeCluster {
  readonly name: string;
  readonly region: string;
  readonly accountId?: string;
  /** null: it has none yet. */
  readonly endpoint: string | null;
  /** PEM. */
  readonly ca: string | null;
  readonly status?: string;
  readonly platformVersion?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly resourcesVpcConfig?: object;
}

/** A request the fake was asked, before it answers. */
export interface EksRequest {
  readonly operation: "DescribeCluster" | "ListClusters";
  /** From the signature's scope, as AWS itself takes it. */
  readonly region: string;
  readonly accessKeyId: string;
  /** null for ListClusters. */
  readonly name: string | null;
}

/** An error as EKS gives it: HTTP status, error type, and a text that must not get out. */
export interface EksError {
  readonly status: number;
  readonly type: string;
}

export interface EksFake extends StubServer {
  /** What was asked, in order. */
  readonly requests: EksRequest[];
  /** The most requests that were open at once. */
  readonly most: number;
  /** Clusters can come and go. */
  readonly clusters: FakeCluster[];
  /** Decides for each request whether it fails; replaced by tests. */
  fail: (request: EksRequest) => EksError | Trouble | null;
}

export interface EksFakeOptions {
  readonly clusters?: readonly FakeCluster[];
  /** The most on one page of ListClusters. */
  readonly pageSize?: number;
  /** Over HTTPS its CA is `ca`, for NODE_EXTRA_CA_CERTS. */
  readonly tls?: boolean;
  /** Stands in the text of every error. */
  readonly canary?: string;
}

/** EKS as far as the guard asks it, by its real protocol (REST with JSON). Named to the SDK by AWS_ENDPOINT_URL_EKS. */
export async function startEksFake(options: EksFakeOptions = {}): Promise<EksFake> {
  const { pageSize = 100, tls = false, canary = "text of EKS" } = options;
  const requests: EksRequest[] = [];
  const clusters = [...(options.clusters ?? [])];
  let open = 0;
  let most = 0;
  const stub = await startStub(
    async (incoming, response) => {
      most = Math.max(most, ++open);
      response.once("close", () => open--);
      // Long enough for the other requests of the same moment to come in.
      await setTimeout(2);
      const url = new URL(incoming.url ?? "", "http://eks");
      const request = parseRequest(incoming, url);
      requests.push(request);
      const failure = fake.fail(request);
      if (typeof failure === "string") return makeTrouble(response, failure, canary);
      if (failure !== null) return answerError(response, failure, canary);
      const here = clusters.filter(({ region }) => region === request.region);
      if (request.operation === "ListClusters") {
        const start = Number(url.searchParams.get("nextToken") ?? 0);
        const end = start + Math.min(pageSize, Number(url.searchParams.get("maxResults") ?? 100));
        const names = here.slice(start, end).map(({ name }) => name);
        return answer(response, { clusters: names, nextToken: end < here.length ? String(end) : null });
      }
      const cluster = here.find(({ name }) => name === request.name);
      if (cluster === undefined) {
        return answerError(response, { status: 404, type: "ResourceNotFoundException" }, canary);
      }
      answer(response, { cluster: describe(cluster) });
    },
    { tls },
  );
  const fake: EksFake = {
    ...stub,
    requests,
    clusters,
    fail: () => null,
    get most() {
      return most;
    },
  };
  return fake;
}

function parseRequest({ headers }: IncomingMessage, url: URL): EksRequest {
  const [, accessKeyId = "", region = ""] =
    /Credential=([^/]+)\/\d{8}\/([^/]+)\/eks\/aws4_request/.exec(headers.authorization ?? "") ?? [];
  const name = /^\/clusters\/(.+)$/.exec(url.pathname)?.[1];
  return name === undefined
    ? { operation: "ListClusters", region, accessKeyId, name: null }
    : { operation: "DescribeCluster", region, accessKeyId, name: decodeURIComponent(name) };
}

function describe({ accountId = "111122223333", ...cluster }: FakeCluster): object {
  const { name, region, endpoint, ca } = cluster;
  return {
    name,
    arn: `arn:aws:eks:${region}:${accountId}:cluster/${name}`,
    createdAt: 1_750_000_000.5,
    version: "1.33",
    ...(endpoint === null ? {} : { endpoint }),
    resourcesVpcConfig: {
      subnetIds: [],
      securityGroupIds: [],
      clusterSecurityGroupId: "sg-0123",
      vpcId: "vpc-0123",
      endpointPublicAccess: true,
      endpointPrivateAccess: true,
      publicAccessCidrs: ["0.0.0.0/0"],
      ...cluster.resourcesVpcConfig,
    },
    status: cluster.status ?? "ACTIVE",
    certificateAuthority: ca === null ? {} : { data: Buffer.from(ca).toString("base64") },
    platformVersion: cluster.platformVersion ?? "eks.9",
    tags: cluster.tags ?? {},
  };
}

function answer(response: ServerResponse, body: object): void {
  response.writeHead(200, { "content-type": "application/json", "x-amzn-requestid": "11111111-2222" });
  response.end(JSON.stringify(body));
}

function answerError(response: ServerResponse, { status, type }: EksError, canary: string): void {
  response.writeHead(status, {
    "content-type": "application/json",
    "x-amzn-errortype": `${type}:http://internal.amazon.com/coral/com.amazonaws.eks/`,
    "x-amzn-requestid": "11111111-2222",
    "x-canary": canary,
  });
  response.end(JSON.stringify({ message: canary, clusterName: canary }));
}
