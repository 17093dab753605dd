import { expect, it } from "vitest";
import { renewing } from "../../src/adapters/renewing.ts";
import { MINUTE } from "../../src/model/time.ts";

const START = Date.UTC(2026, 5, 1);

/** A sign-in that lasts ten minutes, at a time that the test sets. */
function signIn() {
  const state = { now: START, calls: 0 };
  const authenticate = renewing(
    async () => ({ headers: { authorization: String(++state.calls) }, expiresAt: state.now + 10 * MINUTE }),
    () => state.now,
  );
  return { state, authenticate };
}

it("keeps credentials until a minute before they expire", async () => {
  const { state, authenticate } = signIn();
  const at = async (minutes: number) => {
    state.now = START + minutes * MINUTE;
    return (await authenticate()).headers.authorization;
  };
  expect([await at(0), await at(8.9), await at(9), await at(17.9), await at(18)]).toEqual(["1", "1", "2", "2", "3"]);
});

it("signs in once for all who ask at the same time, the first time and later", async () => {
  const { state, authenticate } = signIn();
  await Promise.all([authenticate(), authenticate()]);
  state.now += 20 * MINUTE;
  await Promise.all([authenticate(), authenticate()]);
  expect(state.calls).toBe(2);
});

it("keeps credentials without an end for ever", async () => {
  let calls = 0;
  let now = START;
  const authenticate = renewing(
    async () => ({ headers: { authorization: String(++calls) }, expiresAt: null }),
    () => now,
  );
  await authenticate();
  now += 1_000_000 * MINUTE;
  await authenticate();
  expect(calls).toBe(1);
});

it("does not keep a failure", async () => {
  let calls = 0;
  const authenticate = renewing(async () => {
    if (++calls === 1) throw new Error("not yet");
    return { headers: {}, expiresAt: null };
  });
  await expect(authenticate()).rejects.toThrow("not yet");
  await expect(authenticate()).resolves.toMatchObject({ headers: {} });
});
