import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isLatestTag, parseImage, tokenReading } from "../../src/evidence/image-version.ts";

const DIGEST = "sha256:4bcdffd70da292293d059d2435c7056711fab2655f8b74f48ad0abe042b63687";

describe("an image reference", () => {
  it.each([
    ["apache/apisix:3.9.1-debian", "apache/apisix", "3.9.1-debian", null],
    ["apisix", "apisix", null, null],
    ["apisix:3.9.1", "apisix", "3.9.1", null],
    ["localhost:5000/apisix", "localhost:5000/apisix", null, null],
    ["registry.example:5000/mirror/apache/apisix:3.9.1", "registry.example:5000/mirror/apache/apisix", "3.9.1", null],
    [`apache/apisix@${DIGEST}`, "apache/apisix", null, DIGEST],
    [`registry.example:5000/apache/apisix@${DIGEST}`, "registry.example:5000/apache/apisix", null, DIGEST],
    [`apache/apisix:3.9.1-debian@${DIGEST}`, "apache/apisix", "3.9.1-debian", DIGEST],
    ["", "", null, null],
  ])("%s is taken apart", (image, repository, tag, digest) => {
    expect(parseImage(image)).toMatchObject({ repository, tag, digest });
  });

  it.each([
    ["apache/apisix:3.9.1", "apisix"],
    ["apisix", "apisix"],
    ["bitnamilegacy/apisix:3.9.1-debian-12-r4", "apisix"],
    ["api7/api7-ee-3-gateway:3.10.5", "api7"],
    ["registry.example:5000/api7-ee-3-gateway", "api7"],
    ["registry.example/mirror-api7-ee-3-gateway:3.10.5", "api7"],
    ["apache/apisix-ingress-controller:1.8.0", "unknown"],
    ["apache/apisix-dashboard:3.0.1", "unknown"],
    ["acme/my-apisix:3.9.1", "unknown"],
    ["apisix/nginx:1.27", "unknown"],
    ["busybox:1.28", "unknown"],
  ])("%s is of the product %s", (image, product) => {
    expect(parseImage(image).product).toBe(product);
  });
});

describe("the version of APISIX", () => {
  it.each([
    ["3.9.1", "3.9.1"],
    ["2.15.0-alpine", "2.15.0"],
    ["2.13.0-centos", "2.13.0"],
    ["3.13.0-debian", "3.13.0"],
    ["3.13.0-debian-dev", "3.13.0"],
    ["3.14.1-ubuntu", "3.14.1"],
    ["3.5.0-redhat", "3.5.0"],
    ["3.9.1-debian-12-r4", "3.9.1"],
    ["3.16.0-rc1", "3.16.0"],
    ["v3.9.1", "3.9.1"],
    ["3.9.1-acme.7", "3.9.1"],
    ["latest", null],
    ["dev", null],
    ["master-debian", null],
    ["3.9", null],
    ["3", null],
    ["3.9.1.4", null],
    ["debian-3.9.1", null],
    ["20261123", null],
  ])("in the tag %s is %s", (tag, version) => {
    expect(parseImage(`apache/apisix:${tag}`).version).toBe(version);
    expect(parseImage(`apache/apisix:${tag}@${DIGEST}`).version).toBe(version);
  });

  it.each([
    ["a digest alone", `apache/apisix@${DIGEST}`],
    ["no tag", "apache/apisix"],
    ["API7's own version line", "api7/api7-ee-3-gateway:3.10.5"],
    ["an image that is not APISIX", "acme/gateway:3.9.1"],
  ])("is not known of %s", (_, image) => {
    expect(parseImage(image).version).toBeNull();
  });
});

describe("the token is read", () => {
  it.each([
    ["2.12.1", "no-discovery"],
    ["2.12.99-alpine", "no-discovery"],
    ["1.5.0", "no-discovery"],
    ["2.13.0", "once"],
    ["2.13.0-alpine", "once"],
    ["2.99.0", "once"],
    ["3.0.0", "once"],
    ["3.2.2-debian", "once"],
    ["3.9.1-debian-12-r4", "once"],
    ["3.12.0", "once"],
    ["3.12.99-debian", "once"],
    ["3.13.0", "every-request"],
    ["3.13.0-debian", "every-request"],
    ["3.18.0-ubuntu", "every-request"],
    ["4.0.0", "every-request"],
    ["latest", "unknown"],
  ])("by %s: %s", (tag, reading) => {
    expect(tokenReading(`apache/apisix:${tag}`)).toBe(reading);
  });

  it.each(["api7/api7-ee-3-gateway:3.14.5", `apache/apisix@${DIGEST}`, "acme/gateway:3.14.0", ""])(
    "by %s: unknown",
    (image) => {
      expect(tokenReading(image)).toBe("unknown");
    },
  );

  it("by any version and flavour as by the bare x.y.z", () => {
    const part = fc.nat({ max: 30 });
    const flavour = fc.constantFrom("-debian", "-alpine", "-debian-12-r4", "-ubuntu", "-debian-dev");
    fc.assert(
      fc.property(part, part, part, flavour, (x, y, z, suffix) => {
        const expected =
          x < 2 || (x === 2 && y < 13) ? "no-discovery" : x === 2 || (x === 3 && y < 13) ? "once" : "every-request";
        expect(tokenReading(`registry.example:5000/apisix:${x}.${y}.${z}${suffix}`)).toBe(expected);
      }),
    );
  });
});

describe("a restart may bring another version", () => {
  it.each([
    ["apache/apisix:latest", true],
    ["apache/apisix", true],
    ["localhost:5000/apisix", true],
    ["apache/apisix:latest-debian", true],
    ["apache/apisix:dev", true],
    ["apache/apisix:dev-ubuntu", true],
    ["apache/apisix:3.9.1-debian", false],
    ["apache/apisix:3.9.1-debian-dev", false],
    ["apache/apisix:devon", false],
    ["apache/apisix:not-latest", false],
    [`apache/apisix:latest@${DIGEST}`, false],
    [`apache/apisix@${DIGEST}`, false],
  ])("with %s: %s", (image, latest) => {
    expect(isLatestTag(image)).toBe(latest);
  });
});
