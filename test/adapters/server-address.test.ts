import { describe, expect, it } from "vitest";
import { isLoopback, parseServerAddress } from "../../src/adapters/kubernetes/server-address.ts";

describe("parseServerAddress", () => {
  it.each([
    [
      "https://api.example.com",
      { protocol: "https:", host: "api.example.com", port: 443, basePath: "", label: "api.example.com:443" },
    ],
    [
      "https://api.example.com:6443/",
      { host: "api.example.com", port: 6443, basePath: "", label: "api.example.com:6443" },
    ],
    ["https://rancher/k8s/clusters/c-1//", { host: "rancher", port: 443, basePath: "/k8s/clusters/c-1" }],
    ["https://[fd00::1]:6443", { host: "fd00::1", port: 6443, label: "[fd00::1]:6443" }],
    ["http://localhost:8001", { protocol: "http:", host: "localhost", port: 8001 }],
    ["http://localhost", { port: 80 }],
  ])("takes %s apart", (server, parts) => {
    expect(parseServerAddress(server)).toMatchObject(parts);
  });

  it.each([
    "",
    "api.example.com",
    "ftp://a",
    "https://u@a",
    "https://:p@a",
    "https://a?x=1",
    "https://a#x",
    "unix:///run/api.sock",
  ])("refuses %j", (server) => {
    expect(parseServerAddress(server)).toBeNull();
  });
});

it.each([
  ["http://127.0.0.1:8001", true],
  ["http://127.9.9.9", true],
  ["http://localhost:8001", true],
  ["http://[::1]:8001", true],
  ["http://10.0.0.1", false],
  ["http://127.example.com", false],
  ["http://localhost.example.com", false],
])("%s is this machine: %s", (server, expected) => {
  const address = parseServerAddress(server);
  expect(address !== null && isLoopback(address)).toBe(expected);
});
