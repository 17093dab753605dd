import gte from "semver/functions/gte.js";
import lt from "semver/functions/lt.js";
import parse from "semver/functions/parse.js";

/** What a container image's name tells. */
export interface ImageReference {
  /** Registry and path, without tag and digest: `registry.example:5000/mirror/apache/apisix`. */
  readonly repository: string;
  readonly tag: string | null;
  readonly digest: string | null;
  readonly product: "apisix" | "api7" | "unknown";
  /** The version of APISIX as x.y.z; null when the tag does not tell, or the product numbers its versions differently. */
  readonly version: string | null;
}

/** The first release with Kubernetes discovery. */
const FIRST_WITH_DISCOVERY = "2.13.0";

/** The first release that reads the token file for every request (apache/apisix#12057); there is no backport. */
const FIRST_THAT_READS_AGAIN = "3.13.0";

/** Takes an image reference apart: `repository[:tag][@digest]`, where a registry's port is no tag. */
export function parseImage(image: string): ImageReference {
  const [name = "", digest = null] = image.split("@", 2);
  const colon = name.lastIndexOf(":");
  const tagged = colon > name.lastIndexOf("/");
  const repository = tagged ? name.slice(0, colon) : name;
  const tag = tagged ? name.slice(colon + 1) : null;
  const product = productOf(repository);
  return { repository, tag, digest, product, version: product === "apisix" ? versionOf(tag) : null };
}

/**
 * When an image reads its token file: `once`, when the container starts (2.13.0 … 3.12.x), for `every-request` (3.13.0 on), or never,
 * having `no-discovery` (before 2.13.0). `unknown` when the tag has no version, and for API7's gateway, which is of closed source
 * and has version numbers of its own.
 */
export function tokenReading(image: string): "once" | "every-request" | "no-discovery" | "unknown" {
  const { version } = parseImage(image);
  if (version === null) return "unknown";
  if (lt(version, FIRST_WITH_DISCOVERY)) return "no-discovery";
  return gte(version, FIRST_THAT_READS_AGAIN) ? "every-request" : "once";
}

/** Whether a restart may bring another version of APISIX: the tag is `latest`, `dev` or missing, and no digest pins the image. */
export function isLatestTag(image: string): boolean {
  const { tag, digest } = parseImage(image);
  return digest === null && (tag === null || /^(?:latest|dev)(?:-|$)/.test(tag));
}

function productOf(repository: string): ImageReference["product"] {
  const name = repository.slice(repository.lastIndexOf("/") + 1);
  if (name === "apisix") return "apisix";
  return name.endsWith("api7-ee-3-gateway") ? "api7" : "unknown";
}

/** `3.9.1-debian-12-r4` is 3.9.1: what follows x.y.z is the flavour of the image, not a pre-release. */
function versionOf(tag: string | null): string | null {
  const version = parse(tag);
  return version === null ? null : `${version.major}.${version.minor}.${version.patch}`;
}
