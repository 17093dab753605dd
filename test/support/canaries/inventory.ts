/**
 * Every input of the guard that carries a secret, or something that is nobody's business outside of the cluster, with a canary for
 * each: a text that no output may hold, whole or in pieces. Where a canary goes is told by the builders beside this file.
 */
import { createHash } from "node:crypto";

const digest = (name: string, encoding: "base64url" | "hex") =>
  createHash("sha256").update(`canary ${name}`).digest(encoding);

/** Looks like a password or a key, and like no other text; the same in every run. */
const secret = (name: string): string => digest(name, "base64url");

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Looks like a token of a ServiceAccount or of OpenID Connect, its claims included. */
const jwt = (name: string): string =>
  [
    encoded({ alg: "RS256", kid: digest(`${name} key`, "hex") }),
    encoded({ jti: secret(`${name} id`), iat: 1_780_000_000, exp: 4_000_000_000, email: secret(`${name} claim`) }),
    secret(`${name} signature`).repeat(2),
  ].join(".");

/** How the guard signs in to a cluster from the command line. */
const SIGN_IN = {
  token: jwt("token"),
  tokenFile: jwt("tokenFile"),
  idToken: jwt("idToken"),
  refreshToken: secret("refreshToken"),
  clientSecret: secret("clientSecret"),
  password: secret("password"),
  pluginToken: jwt("pluginToken"),
  pluginArgument: secret("pluginArgument"),
  pluginEnvironment: secret("pluginEnvironment"),
  pluginStderr: secret("pluginStderr"),
  pluginStdout: secret("pluginStdout"),
  proxyPassword: secret("proxyPassword"),
  impersonationExtra: secret("impersonationExtra"),
};

/** Of the process: its AWS keys, and whatever else somebody has exported. */
const ENVIRONMENT = {
  accessKeyId: `AKIA${digest("accessKeyId", "hex").slice(0, 16).toUpperCase()}`,
  secretAccessKey: secret("secretAccessKey").slice(0, 40),
  sessionToken: `${secret("sessionToken")}/+${secret("sessionToken 2")}==`,
  somethingElse: secret("somethingElse"),
};

/** What AWS answers: keys of a role, tags, and the bodies, headers and types of errors. */
const AWS = {
  roleKeyId: `ASIA${digest("roleKeyId", "hex").slice(0, 16).toUpperCase()}`,
  roleSecret: secret("roleSecret").slice(0, 40),
  roleToken: `${secret("roleToken")}/+${secret("roleToken 2")}==`,
  tag: secret("tag"),
  awsMessage: secret("awsMessage"),
  awsField: secret("awsField"),
  awsHeader: secret("awsHeader"),
  awsType: `Type${digest("awsType", "hex").slice(0, 32)}`,
};

/** Fields of the objects of a cluster that say nothing about a token's age. */
const OBJECTS = {
  annotation: secret("annotation"),
  lastApplied: secret("lastApplied"),
  skipValue: secret("skipValue"),
  restartedAt: secret("restartedAt"),
  noteText: jwt("noteText"),
  noteValue: secret("noteValue"),
  label: digest("label", "hex").slice(0, 60),
  environmentLiteral: jwt("environmentLiteral"),
  argument: secret("argument"),
  conditionMessage: secret("conditionMessage"),
  terminationMessage: secret("terminationMessage"),
  stray: secret("stray"),
};

/** The content of a gateway's ConfigMaps. */
const CONFIG = {
  adminKey: digest("adminKey", "hex").slice(0, 32),
  etcdPassword: secret("etcdPassword"),
  discoveryToken: jwt("discoveryToken"),
  keyring: secret("keyring"),
  otherKey: secret("otherKey"),
};

/** What a gateway logs. */
const LOGS = {
  accessHeader: jwt("accessHeader"),
  accessQuery: secret("accessQuery"),
  refusalBody: secret("refusalBody"),
  tokenFileLine: secret("tokenFileLine"),
  freeLine: secret("freeLine"),
};

/** What a container prints when it is probed. */
const PROBE = {
  claim: secret("claim"),
  wholeToken: jwt("wholeToken"),
  probeErrors: secret("probeErrors"),
};

/** The events of an audit log. */
const AUDIT = {
  auditUser: secret("auditUser"),
  auditGroup: secret("auditGroup"),
  auditExtra: secret("auditExtra"),
  auditAddress: secret("auditAddress"),
  auditUri: secret("auditUri"),
  auditObject: secret("auditObject"),
  auditAnnotation: secret("auditAnnotation"),
};

/** What an API server, or something that stands in its place, answers when it does not answer the question. */
const ANSWERS = {
  statusMessage: secret("statusMessage"),
  statusReason: `Reason${digest("statusReason", "hex").slice(0, 32)}`,
  statusDetail: secret("statusDetail"),
  header: secret("header"),
  reasonPhrase: secret("reasonPhrase"),
  page: secret("page"),
  garbage: secret("garbage"),
  wrongShape: secret("wrongShape"),
  build: secret("build"),
};

/** What somebody typed, wrote or sent to the wrong place. */
const MISPLACED = {
  pastedToken: jwt("pastedToken"),
  pastedPresigned: `k8s-aws-v1.${encoded({ url: secret("pastedPresigned") })}`,
  pastedKeyId: `AKIA${digest("pastedKeyId", "hex").slice(0, 16).toUpperCase()}`,
  pastedSecretKey: secret("pastedSecretKey").slice(0, 40),
  pastedAdminKey: digest("pastedAdminKey", "hex").slice(0, 32),
  pastedKey: Buffer.from(`-----BEGIN PRIVATE KEY-----\n${secret("pastedKey")}\n`).toString("base64"),
  pastedPassword: secret("pastedPassword").slice(0, 20),
};

export const CANARIES = {
  ...SIGN_IN,
  ...ENVIRONMENT,
  ...AWS,
  ...OBJECTS,
  ...CONFIG,
  ...LOGS,
  ...PROBE,
  ...AUDIT,
  ...ANSWERS,
  ...MISPLACED,
};

const names = <T extends object>(canaries: T) => Object.keys(canaries) as (keyof T)[];

/** The names of the canaries of one kind of input, for tests that they were all planted. */
export const KINDS = {
  signIn: names(SIGN_IN),
  environment: names(ENVIRONMENT),
  aws: names(AWS),
  objects: names(OBJECTS),
  config: names(CONFIG),
  logs: names(LOGS),
  probe: names(PROBE),
  audit: names(AUDIT),
  answers: names(ANSWERS),
  misplaced: names(MISPLACED),
};
