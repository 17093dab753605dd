import { expect, it } from "vitest";
import { renewingSignIn } from "../../src/adapters/renewing-sign-in.ts";
import { MINUTE } from "../../src/model/time.ts";

const START = Date.UTC(2026, 5, 1);

/** A sign-in whose credentials are numbered, and do not say how long they last. */
function signIn(expiresAt: number | null = null) {
  const state = { now: START, calls: 0 };
  const obtain = async () => ({ headers: { authorization: String(++state.calls) }, expiresAt });
  return { state, authenticate: renewingSignIn(obtain, () => state.now) };
}

it("keeps credentials without an end until the API server does not accept them, once for all who were refused", async () => {
  const { state, authenticate } = signIn();
  const refused = await authenticate();
  state.now += 1_000_000 * MINUTE;
  expect(await authenticate()).toMatchObject({ headers: { authorization: "1" } });
  const asSomebody = { ...refused, headers: { ...refused.headers, "impersonate-user": "somebody" } };
  expect(await Promise.all([authenticate(refused), authenticate(asSomebody)])).toMatchObject([
    { headers: { authorization: "2" } },
    { headers: { authorization: "2" } },
  ]);
  // A request that took long.
  expect(await authenticate(refused)).toMatchObject({ headers: { authorization: "2" } });
  expect(state.calls).toBe(2);
});

it("renews them when they expire", async () => {
  const { state, authenticate } = signIn(START + 10 * MINUTE);
  await authenticate();
  state.now += 10 * MINUTE;
  expect(await authenticate()).toMatchObject({ headers: { authorization: "2" } });
});
