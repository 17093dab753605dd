import { expect, it } from "vitest";
import { virtualClock } from "../../src/simulate/clock.ts";

it("time passes when it is told to, and only forward", () => {
  const clock = virtualClock(1_000);
  clock.advance(500);
  expect(clock.now()).toBe(1_500);
  expect(() => clock.advance(-1)).toThrow(RangeError);
  expect(() => clock.advance(Number.NaN)).toThrow(RangeError);
});

it("what is due happens in its order and at its time, and may bring about more", () => {
  const clock = virtualClock(0);
  const happened: [string, number][] = [];
  const note = (what: string) => happened.push([what, clock.now()]);
  clock.after(30, () => note("late"));
  clock.after(10, () => {
    note("early");
    clock.after(5, () => note("caused"));
    clock.after(1_000, () => note("later"));
  });
  clock.advance(9);
  expect(happened).toEqual([]);
  clock.advance(91);
  expect(happened).toEqual([
    ["early", 10],
    ["caused", 15],
    ["late", 30],
  ]);
  expect(clock.now()).toBe(100);
});
