import { format } from "node:util";
import { vi } from "vitest";

const CONSOLE = ["debug", "dir", "error", "info", "log", "table", "trace", "warn"] as const;

/** What this process prints while the work is done, by whatever way, and what the work gives or throws. */
export async function capture<T>(work: () => Promise<T>): Promise<{ printed: string; value?: T; thrown?: unknown }> {
  const printed: string[] = [];
  const write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    printed.push(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"));
    for (const callback of rest) if (typeof callback === "function") queueMicrotask(() => callback());
    return true;
  };
  const note = (...words: unknown[]) => void printed.push(`${format(...words)}\n`);
  const spies = [
    ...[process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write").mockImplementation(write)),
    ...CONSOLE.map((name) => vi.spyOn(console, name).mockImplementation(note)),
    vi.spyOn(process, "emitWarning").mockImplementation(note),
  ];
  try {
    const value = await work();
    return { printed: printed.join(""), value };
  } catch (thrown) {
    return { printed: printed.join(""), thrown };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
