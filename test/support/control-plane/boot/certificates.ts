import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";
import {
  bitString,
  boolean,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  set,
  tagged,
  utcTime,
  utf8String,
} from "./der.ts";

/** Names from RFC 5280 and RFC 5758. */
const OID = {
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
} as const;

/** Before and after now, in milliseconds: an hour for a clock that is set back, a month because runs are short. */
const VALID_BEFORE_MS = 3_600_000;
const VALID_AFTER_MS = 30 * 86_400_000;

/** In the sense of Kubernetes' client certificates: the common name is the user, organizations are groups. */
export interface Subject {
  readonly commonName: string;
  readonly organization?: string;
}

/** PEM text. */
export interface CertifiedKey {
  readonly certificate: string;
  readonly key: string;
}

export interface Authority {
  readonly certificate: string;
  /** For a server and a client at once. `hosts` are IPv4 addresses or DNS names. */
  issue(subject: Subject, hosts?: readonly string[]): CertifiedKey;
}

/** P-256 keys: made in a millisecond, where RSA takes a tenth of a second. */
export function createAuthority(commonName: string): Authority {
  const issuer = { commonName };
  const authority = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const certify = (subject: Subject, key: KeyObject, extensions: Buffer[]) =>
    certificate({ issuer, signer: authority.privateKey, subject, key, extensions });
  return {
    certificate: certify(issuer, authority.publicKey, authorityExtensions()),
    issue(subject, hosts = []) {
      const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
      return {
        certificate: certify(subject, pair.publicKey, endEntityExtensions(hosts)),
        key: pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      };
    },
  };
}

interface Draft {
  readonly issuer: Subject;
  readonly signer: KeyObject;
  readonly subject: Subject;
  readonly key: KeyObject;
  readonly extensions: Buffer[];
}

/** RFC 5280, section 4.1. */
function certificate({ issuer, signer, subject, key, extensions }: Draft): string {
  const algorithm = sequence(objectIdentifier(OID.ecdsaWithSha256));
  const version3 = tagged(0, integer(Buffer.of(2)), "constructed");
  const serialNumber = integer(Buffer.concat([Buffer.of(1), randomBytes(8)]));
  const now = Date.now();
  const validity = sequence(utcTime(new Date(now - VALID_BEFORE_MS)), utcTime(new Date(now + VALID_AFTER_MS)));
  const publicKey = key.export({ type: "spki", format: "der" });
  const toBeSigned = sequence(
    version3,
    serialNumber,
    algorithm,
    name(issuer),
    validity,
    name(subject),
    publicKey,
    tagged(3, sequence(...extensions), "constructed"),
  );
  const der = sequence(toBeSigned, algorithm, bitString(sign("sha256", toBeSigned, signer)));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function name({ commonName, organization }: Subject): Buffer {
  const part = (oid: string, text: string) => set(sequence(objectIdentifier(oid), utf8String(text)));
  const parts = [part(OID.commonName, commonName)];
  if (organization !== undefined) parts.unshift(part(OID.organization, organization));
  return sequence(...parts);
}

/** Key usage bits: keyCertSign is bit 5, digitalSignature bit 0, counted from the left. */
function authorityExtensions(): Buffer[] {
  return [
    extension(OID.basicConstraints, sequence(boolean(true)), "critical"),
    extension(OID.keyUsage, bitString(Buffer.of(0b0000_0100), 2), "critical"),
  ];
}

function endEntityExtensions(hosts: readonly string[]): Buffer[] {
  const usages = sequence(objectIdentifier(OID.serverAuth), objectIdentifier(OID.clientAuth));
  const extensions = [
    extension(OID.keyUsage, bitString(Buffer.of(0b1000_0000), 7), "critical"),
    extension(OID.extendedKeyUsage, usages),
  ];
  if (hosts.length > 0) extensions.push(extension(OID.subjectAltName, sequence(...hosts.map(generalName))));
  return extensions;
}

/** Choice 2 is a DNS name, choice 7 an address as four bytes. */
function generalName(host: string): Buffer {
  if (isIPv4(host)) return tagged(7, Buffer.from(host.split(".").map(Number)), "primitive");
  return tagged(2, Buffer.from(host), "primitive");
}

function extension(oid: string, value: Buffer, critical?: "critical"): Buffer {
  const flag = critical ? [boolean(true)] : [];
  return sequence(objectIdentifier(oid), ...flag, octetString(value));
}
