import type { Instant, Millis } from "../model/time.ts";

/** Time that passes only when it is told to. */
export interface VirtualClock {
  now(): Instant;
  /** Lets time pass, and everything happen that is due in it, in order. */
  advance(millis: Millis): void;
  /** Runs `task` when so much time has passed. */
  after(millis: Millis, task: () => void): void;
}

export function virtualClock(start: Instant): VirtualClock {
  let now = start;
  let tasks: { readonly at: Instant; readonly task: () => void }[] = [];
  return {
    now: () => now,
    advance(millis) {
      if (!(millis >= 0)) throw new RangeError(`Time does not go back: ${millis}`);
      const end = now + millis;
      for (;;) {
        const next = tasks.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        tasks = tasks.filter((entry) => entry !== next);
        now = next.at;
        next.task();
      }
      now = end;
    },
    after: (millis, task) => {
      tasks.push({ at: now + millis, task });
    },
  };
}
