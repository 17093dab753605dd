import { describe, expect, it } from "vitest";
import { hidesErrors } from "../../src/evidence/error-log.ts";

const nginx = (settings: unknown) => hidesErrors({ nginx_config: settings });

describe("whether errors are kept out of the container's output", () => {
  it.each<[string, unknown, boolean]>([
    ["no nginx_config", undefined, false],
    ["an nginx_config that is no map", "x", false],
    ["nothing about it", {}, false],
    ["the chart's own", { error_log: "/dev/stderr", error_log_level: "warn" }, false],
    ["stdout", { error_log: "/dev/stdout" }, false],
    ["nginx' word for it", { error_log: "stderr" }, false],
    ["the file that the images link to it", { error_log: "logs/error.log" }, false],
    ["the same in full", { error_log: "/usr/local/apisix/logs/error.log" }, false],
    ["the first process' output", { error_log: "/proc/1/fd/2" }, false],
    ["a file", { error_log: "/var/log/apisix/error.log" }, true],
    ["another file beside it", { error_log: "logs/error.log.1" }, true],
    ["a file whose name ends alike", { error_log: "/var/log/stderr" }, true],
    ["nowhere", { error_log: "/dev/null" }, true],
    ["a file in a variable", { error_log: `$\{{ERROR_LOG:=/tmp/x}}` }, false],
    ["a number", { error_log: 7 }, false],
    ["level error", { error_log_level: "error" }, false],
    ["level debug", { error_log_level: "debug" }, false],
    ["level crit", { error_log: "/dev/stderr", error_log_level: "crit" }, true],
    ["level alert", { error_log_level: "alert" }, true],
    ["level emerg", { error_log_level: "emerg" }, true],
  ])("%s", (_what, settings, expected) => {
    expect(nginx(settings)).toBe(expected);
  });
});
