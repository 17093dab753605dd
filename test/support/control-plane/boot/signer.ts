import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import { bytesField, type Field, firstBytes, numberField } from "./protobuf.ts";

/**
 * The external token signer of a control plane: the `ExternalJWTSigner` service of `k8s.io/externaljwt/apis/v1`,
 * gRPC over a unix socket. EKS has one too, and it is what sets how long a token can live there.
 *
 * It signs with the key of the run directory, so that a forged token passes as well.
 */
export class TokenSigner {
  readonly socket: string;
  readonly #server: Http2Server;

  private constructor(server: Http2Server, socket: string) {
    this.#server = server;
    this.socket = socket;
  }

  /** `maxTokenSeconds` caps every token, the hidden extension of the standard 3607 s ones to a year included. */
  static async listen(socket: string, privateKeyPem: string, maxTokenSeconds: number): Promise<TokenSigner> {
    const methods = signerMethods(createPrivateKey(privateKeyPem), maxTokenSeconds);
    const server = createServer();
    server.on("stream", (stream, headers) => {
      const method = String(headers[":path"]).split("/").at(-1) ?? "";
      void answer(stream, methods[method]);
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    server.unref();
    return new TokenSigner(server, socket);
  }

  close(): void {
    this.#server.close();
  }
}

type Method = (request: Buffer) => Buffer;

/** How long kube-apiserver may keep the list of keys, in seconds. */
const KEYS_REFRESH_SECONDS = 3600;

/** Field numbers are those of the service's `api.proto`. */
function signerMethods(key: KeyObject, maxTokenSeconds: number): Readonly<Record<string, Method>> {
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
  const kid = keyId(publicKey);
  const header = Buffer.from(JSON.stringify({ alg: "RS256", kid, typ: "JWT" })).toString("base64url");
  return {
    Sign(request) {
      const claims = firstBytes(request, 1).toString();
      const signature = sign("RSA-SHA256", Buffer.from(`${header}.${claims}`), key).toString("base64url");
      return message(bytesField(1, header), bytesField(2, signature));
    },
    FetchKeys() {
      const now = Math.floor(Date.now() / 1000);
      return message(
        bytesField(1, message(bytesField(1, kid), bytesField(2, publicKey))),
        bytesField(2, message(numberField(1, now))),
        numberField(3, KEYS_REFRESH_SECONDS),
      );
    },
    Metadata: () => message(numberField(1, maxTokenSeconds)),
  };
}

/** As kube-apiserver derives the id of a key from a key file. */
export function keyId(publicKeyDer: Buffer): string {
  return createHash("sha256").update(publicKeyDer).digest("base64url");
}

function message(...fields: Field[]): Buffer {
  return Buffer.concat(fields);
}

/** A gRPC message has five bytes in front: one for compression, four for the length. Status 12 is "unimplemented". */
async function answer(stream: ServerHttp2Stream, method: Method | undefined): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": method ? "0" : "12" }));
  if (method === undefined) {
    stream.end();
    return;
  }
  const body = method(Buffer.concat(chunks).subarray(5));
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(body.length, 1);
  stream.end(Buffer.concat([prefix, body]));
}
