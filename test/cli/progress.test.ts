import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { showProgress } from "../../src/cli/progress.ts";
import { SECOND } from "../../src/model/time.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function start(rewrites: boolean, width = 80) {
  const written: string[] = [];
  const progress = showProgress({ write: (text) => written.push(text), rewrites, width });
  return { written, ...progress };
}

const STEP = { cluster: "prod", what: "gateways", done: 3, total: 20 };

describe("progress", () => {
  it("is not shown to somebody who waits less than two seconds", () => {
    const { written, report, stop } = start(true);
    report(STEP);
    vi.advanceTimersByTime(2 * SECOND - 1);
    stop();
    vi.advanceTimersByTime(60 * SECOND);
    expect(written).toEqual([]);
  });

  it("is one line on a terminal, rewritten, and cleared before anything else is printed", () => {
    const { written, report, stop } = start(true);
    report(STEP);
    vi.advanceTimersByTime(2 * SECOND);
    report({ ...STEP, done: 4 });
    vi.advanceTimersByTime(200);
    stop();
    vi.advanceTimersByTime(60 * SECOND);
    expect(written).toEqual([
      "\r\u001b[2Kreading prod: gateways 3/20",
      "\r\u001b[2Kreading prod: gateways 4/20",
      "\r\u001b[2K",
    ]);
  });

  it("is a plain line every ten seconds elsewhere", () => {
    const { written, report, stop } = start(false);
    vi.advanceTimersByTime(2 * SECOND);
    report(STEP);
    vi.advanceTimersByTime(20 * SECOND);
    stop();
    expect(written).toEqual(["connecting\n", "reading prod: gateways 3/20\n", "reading prod: gateways 3/20\n"]);
  });

  it("fits its line and cannot act on the terminal", () => {
    const { written, report, stop } = start(true, 20);
    report({ ...STEP, cluster: "\u001b[31mx".repeat(20) });
    vi.advanceTimersByTime(2 * SECOND);
    stop();
    const [first = ""] = written;
    expect(first.slice("\r\u001b[2K".length)).toMatch(/^reading \\u\{1b\}\[31…?/);
    expect(first.length).toBeLessThanOrEqual("\r\u001b[2K".length + 19);
  });
});
