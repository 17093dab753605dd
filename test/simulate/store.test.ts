import { describe, expect, it } from "vitest";
import { virtualClock } from "../../src/simulate/clock.ts";
import { createStore } from "../../src/simulate/store.ts";

const newStore = () => createStore(virtualClock(Date.UTC(2026, 5, 1)));
const metadata = { name: "edge", namespace: "apisix" };

describe("the store", () => {
  it("gives an object its identity, and keeps it", () => {
    const store = newStore();
    const created = store.put("Deployment", { metadata, spec: { replicas: 1 } });
    expect(created.metadata).toMatchObject({ generation: 1, creationTimestamp: "2026-06-01T00:00:00Z" });
    const changed = store.put("Deployment", { metadata, spec: { replicas: 2 } });
    expect(changed.metadata).toMatchObject({
      uid: created.metadata.uid,
      creationTimestamp: "2026-06-01T00:00:00Z",
      generation: 2,
    });
    expect(Number(changed.metadata.resourceVersion)).toBeGreaterThan(Number(created.metadata.resourceVersion));
  });

  it.each([
    ["Deployment", 2],
    ["StatefulSet", 1],
  ] as const)("counts a new generation for a new spec, of a %s %i with new annotations", (kind, generation) => {
    const store = newStore();
    store.put(kind, { metadata, spec: { replicas: 1 } });
    store.edit(kind, "apisix", "edge", (object) => {
      object.status = { replicas: 1 };
    });
    expect(store.get(kind, "apisix", "edge")?.metadata.generation).toBe(1);
    store.edit(kind, "apisix", "edge", (object) => {
      object.metadata.annotations = { a: "b" };
    });
    expect(store.get(kind, "apisix", "edge")?.metadata.generation).toBe(generation);
  });

  it.each<["Deployment" | "DaemonSet" | "StatefulSet", object, object]>([
    [
      "Deployment",
      { observedGeneration: 1, replicas: 0, updatedReplicas: 0, availableReplicas: 0 },
      { observedGeneration: 1 },
    ],
    [
      "DaemonSet",
      { desiredNumberScheduled: 0, numberReady: 0, numberAvailable: 0, updatedNumberScheduled: 0 },
      { desiredNumberScheduled: 0, numberReady: 0 },
    ],
    ["StatefulSet", { replicas: 0, readyReplicas: 0, availableReplicas: 0 }, { replicas: 0, availableReplicas: 0 }],
  ])("leaves out the zeros that the API leaves out of a %s", (kind, status, expected) => {
    const store = newStore();
    expect(store.put(kind, { metadata, status })).toHaveProperty("status", expected);
  });

  it("hands out copies, and takes copies", () => {
    const store = newStore();
    const own = { metadata: { ...metadata }, data: { a: "1" } };
    store.put("ConfigMap", own);
    own.data.a = "2";
    const [listed] = store.list("ConfigMap", null);
    if (listed?.data) listed.data.a = "3";
    expect(store.get("ConfigMap", "apisix", "edge")?.data).toEqual({ a: "1" });
  });

  it("lists by namespace, in the order of names", () => {
    const store = newStore();
    for (const name of ["b", "c", "a"]) store.put("ConfigMap", { metadata: { name, namespace: "one" } });
    store.put("ConfigMap", { metadata: { name: "d", namespace: "two" } });
    const names = (namespace: string | null) =>
      store.list("ConfigMap", namespace).map((object) => object.metadata.name);
    expect(names("one")).toEqual(["a", "b", "c"]);
    expect(names(null)).toEqual(["a", "b", "c", "d"]);
    store.remove("ConfigMap", "one", "b");
    expect(names("one")).toEqual(["a", "c"]);
  });

  it("refuses to edit what is not there, and to keep what has no name", () => {
    expect(() => newStore().edit("Pod", "apisix", "gone", () => {})).toThrow("There is no Pod apisix/gone");
    expect(() => newStore().put("Pod", {})).toThrow("without a name");
  });
});
