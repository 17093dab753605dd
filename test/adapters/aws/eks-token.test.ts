import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import type { AwsIdentity } from "../../../src/adapters/aws/credentials.ts";
import { eksSignIn, eksToken } from "../../../src/adapters/aws/eks-token.ts";
import { MINUTE, SECOND } from "../../../src/model/time.ts";
import { KEY, VECTORS } from "../../support/aws/eks-token-vectors.ts";

const PREFIX = "k8s-aws-v1.";
const START = Date.parse("2026-06-01T00:00:00Z");
const CLUSTER = { name: "prod", region: "eu-west-1" };

const decode = (token: string): string => Buffer.from(token.slice(PREFIX.length), "base64url").toString();

/** The parts of a URL whatever the order of its query, which means nothing: what is signed is sorted. */
function parts(url: string) {
  const { origin, pathname, searchParams } = new URL(url);
  return { origin, pathname, query: [...searchParams].toSorted(([a], [b]) => (a < b ? -1 : 1)) };
}

it.each(VECTORS)(
  "is the token of aws-cli for $cluster in $region at $at, session token: $sessionToken",
  async (row) => {
    const identity = { ...KEY, ...(row.sessionToken === null ? {} : { sessionToken: row.sessionToken }) };
    const token = await eksToken({ name: row.cluster, region: row.region }, identity, Date.parse(row.at));
    expect(parts(decode(token))).toEqual(parts(row.url));
    // Byte for byte where the two have the same order: nothing but the session token stands elsewhere.
    if (row.sessionToken === null) expect(decode(token)).toBe(row.url);
  },
);

it("has the form that the API server's side asks for", async () => {
  // A role's session tokens have about this length and alphabet.
  const sessionToken = randomBytes(900).toString("base64");
  const token = await eksToken(CLUSTER, { ...KEY, sessionToken }, START);
  expect(token).toMatch(/^k8s-aws-v1\.[\w-]+$/);
  expect(token.length).toBeLessThan(4096);
  const { searchParams } = new URL(decode(token));
  expect([...searchParams.keys()].toSorted()).toEqual([
    "Action",
    "Version",
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
  ]);
  expect(searchParams.get("X-Amz-SignedHeaders")).toBe("host;x-k8s-aws-id");
  expect(searchParams.get("X-Amz-Expires")).toBe("60");
});

/** The moments, in minutes, for which a sign-in that is used every 10 s makes its tokens. */
async function signedAt(minutes: number, identity: (at: number) => AwsIdentity): Promise<number[]> {
  let now = START;
  const dates = new Set<string | null>();
  const signIn = eksSignIn(
    CLUSTER,
    async () => identity(now),
    () => now,
  );
  for (; now < START + minutes * MINUTE; now += 10 * SECOND) {
    const { authorization } = (await signIn()).headers;
    expect(authorization).toMatch(/^Bearer k8s-aws-v1\./);
    dates.add(new URL(decode(String(authorization).slice("Bearer ".length))).searchParams.get("X-Amz-Date"));
  }
  const instant = (date: string | null) =>
    Date.parse((date ?? "").replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  return [...dates].map((date) => (instant(date) - START) / MINUTE);
}

it("keeps a token, and makes a new one before it is 10 minutes old", async () => {
  expect(await signedAt(20, () => KEY)).toEqual([0, 9, 18]);
});

it("makes a new token before the session of its key ends, from the next key", async () => {
  const ends = [5 * MINUTE, 100 * MINUTE].map((length) => new Date(START + length));
  const identity = (at: number) => ({ ...KEY, expiration: ends[at < START + 4 * MINUTE ? 0 : 1] as Date });
  expect(await signedAt(15, identity)).toEqual([0, 4, 13]);
});
