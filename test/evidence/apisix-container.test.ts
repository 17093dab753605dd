import { describe, expect, it } from "vitest";
import { findApisixContainer } from "../../src/evidence/apisix-container.ts";
import type { KubeContainer } from "../../src/model/kubernetes.ts";

const of = (...containers: [name: string, image: string][]): KubeContainer[] =>
  containers.map(([name, image]) => ({ name, image }));

describe("the APISIX container", () => {
  it.each<[string, KubeContainer[], string | null]>([
    ["has an APISIX image", of(["web", "apache/apisix:3.9.1"]), "web"],
    ["has a bare APISIX image", of(["web", "apisix:3.9.1"]), "web"],
    ["has API7's image", of(["web", "api7/api7-ee-3-gateway:3.10.5"]), "web"],
    ["stands behind a side-car", of(["istio-proxy", "istio/proxyv2:1.22"], ["web", "apache/apisix:3.9.1"]), "web"],
    [
      "is told by its image, not by another's name",
      of(["apisix", "fluent/fluent-bit:3"], ["web", "apache/apisix:3.9.1"]),
      "web",
    ],
    ["is called apisix", of(["log", "fluent/fluent-bit:3"], ["apisix", "acme/edge:7"]), "apisix"],
    ["is called gateway", of(["log", "fluent/fluent-bit:3"], ["gateway", "acme/edge:7"]), "gateway"],
    ["is called apisix rather than gateway", of(["gateway", "acme/edge:7"], ["apisix", "acme/edge:7"]), "apisix"],
    [
      "is the one called apisix of two with its image",
      of(["reloader", "apache/apisix:3.9.1"], ["apisix", "apache/apisix:3.9.1"]),
      "apisix",
    ],
    [
      "is the one called gateway of two with its image",
      of(["reloader", "apache/apisix:3.9.1"], ["gateway", "apache/apisix:3.9.1"]),
      "gateway",
    ],
    [
      "is not told of two with its image and other names",
      of(["a", "apache/apisix:3.9.1"], ["b", "apache/apisix:3.9.1"]),
      null,
    ],
    ["is not an ingress controller", of(["manager", "apache/apisix-ingress-controller:1.8.0"]), null],
    ["is not there", of(["app", "nginx:1.27"]), null],
    ["is not there among none", [], null],
    ["needs a name", [{ image: "apache/apisix:3.9.1" }], null],
    ["needs an image", [{ name: "apisix" }], null],
  ])("%s", (_, containers, name) => {
    expect(findApisixContainer(containers)?.name ?? null).toBe(name);
  });

  it("is given with its image", () => {
    expect(findApisixContainer([{ name: "apisix", image: "apache/apisix:3.9.1", volumeMounts: [] }])).toEqual({
      name: "apisix",
      image: "apache/apisix:3.9.1",
    });
  });
});
