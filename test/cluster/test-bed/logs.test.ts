import { beforeEach, expect, test } from "vitest";
import { type PodRef, podPath } from "../../support/control-plane/cluster/objects.ts";
import { gatewayDeployment, gatewaySelector, gatewaySupport } from "../../support/control-plane/manifests.ts";
import { describeCluster } from "../../support/control-plane/suite.ts";

/** The tests below are about the test bed itself: what `pods/log` answers for a simulated pod. */
describeCluster("logs of simulated pods", ({ cluster }) => {
  let one: PodRef;
  let two: PodRef;

  beforeEach(async () => {
    const namespace = await cluster.namespace();
    const shop = { name: "shop", namespace, sidecars: [{ name: "exporter", image: "exporter:1" }] };
    await cluster.apply([...gatewaySupport(shop), gatewayDeployment(shop)]);
    const pods = await cluster.pods.ready(namespace, gatewaySelector("shop"), 2);
    [one, two] = pods.map((pod) => ({ namespace, name: pod.metadata.name })) as [PodRef, PodRef];
  });

  const read = (pod: PodRef, query = "") => cluster.request("GET", `${podPath(pod)}/log?container=apisix&${query}`);

  test("each pod has its own, and what is appended is there at the next request", async () => {
    await cluster.logs.set(one, { container: "apisix", lines: ["of one"] });
    await cluster.logs.set(two, { container: "apisix", lines: ["of two"] });
    await cluster.logs.append(two, { container: "apisix", lines: ["more"] });
    expect((await read(one)).text).toBe("of one\n");
    expect((await read(two)).text).toBe("of two\nmore\n");
  });

  test("containers of one pod are kept apart, and a missing name is an error of the API server", async () => {
    await cluster.logs.set(one, { container: "exporter", lines: ["exporter"] });
    await cluster.logs.set(one, { container: "apisix", lines: ["apisix"] });
    expect((await cluster.request("GET", `${podPath(one)}/log?container=exporter`)).text).toBe("exporter\n");
    expect((await read(one)).text).toBe("apisix\n");
    expect((await cluster.request("GET", `${podPath(one)}/log`)).status).toBe(400);
  });

  test("sinceSeconds, tailLines, limitBytes and timestamps are honoured", async () => {
    const hourAgo = "2026-01-01T00:00:00.123456789Z";
    const lines = [{ text: "long ago", at: hourAgo }, { text: "a while ago" }, { text: "just now" }];
    await cluster.logs.set(one, { container: "apisix", lines });
    expect((await read(one, "sinceSeconds=60")).text).toBe("a while ago\njust now\n");
    expect((await read(one, "tailLines=1")).text).toBe("just now\n");
    expect((await read(one, "limitBytes=4")).text).toBe("long");
    expect((await read(one, "timestamps=true")).text).toMatch(`${hourAgo} long ago\n`);
  });

  test("the log before a restart is asked for with previous", async () => {
    await cluster.logs.set(one, { container: "apisix", lines: ["now"] });
    expect((await read(one, "previous=true")).status).toBe(400);
    await cluster.logs.set(one, { container: "apisix", lines: ["before"], previous: true });
    expect((await read(one, "previous=true")).text).toBe("before\n");
    expect((await read(one)).text).toBe("now\n");
  });

  test("lines which the runtime cut come back joined, and raw text is passed through as it is", async () => {
    const lines = [{ text: "first half, ", partial: true }, "second half"];
    await cluster.logs.set(one, { container: "apisix", lines });
    expect((await read(one)).text).toBe("first half, second half\n");
    await cluster.logs.set(one, { container: "apisix", text: "2026-01-01T00:00:00Z stderr F good\ngarbage\n" });
    expect((await read(one)).text).toBe("good\n");
  });

  test("a removed log is an error, never an empty answer", async () => {
    await cluster.logs.set(one, { container: "apisix", lines: ["here"] });
    await cluster.logs.remove(one);
    await expect.poll(async () => (await read(one)).status).toBe(400);
  });
});
