import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { print } from "../../src/cli/output.ts";

const failing = (code: string) => {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error("x"), { code })) });
  return stream.on("error", () => undefined);
};

describe("printing", () => {
  it("does not mind a reader who has left", async () => {
    await expect(print(failing("EPIPE"), "text")).resolves.toBeUndefined();
  });

  it("says when the output is lost", async () => {
    await expect(print(failing("ENOSPC"), "text")).rejects.toMatchObject({
      code: "Internal",
      message: "The output cannot be written (ENOSPC).",
    });
  });

  it("is over when everything is written", async () => {
    const written: string[] = [];
    const slow = new Writable({
      decodeStrings: false,
      write: (chunk: string, _encoding, done) => {
        written.push(chunk);
        setImmediate(done);
      },
    });
    await print(slow, "text");
    expect(written).toEqual(["text"]);
  });
});
