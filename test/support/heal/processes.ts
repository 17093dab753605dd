import type { Instant, Millis } from "../../../src/model/time.ts";
import type { VirtualClock } from "../../../src/simulate/clock.ts";

/** One run of the guard, as the schedule sees it. */
export interface Process {
  /** Waits for its turn: every request to the cluster takes one. Never comes back to a process that is dead. */
  turn(): Promise<void>;
  sleep(length: Millis): Promise<void>;
  /** From here on it does nothing any more, wherever it is. */
  die(): void;
}

interface Waiting {
  readonly process: object;
  readonly go: () => void;
}

/** More turns than any number of gateways can need: whoever takes so many does not come to an end. */
const MAX_TURNS = 5_000;

/**
 * Runs guards side by side on one virtual clock, one request at a time. Who comes next is told by `picks`, over and over; time
 * passes only when everybody sleeps.
 *
 * @throws what the first of them throws, when it is alive
 */
export async function runTogether(
  clock: VirtualClock,
  picks: readonly number[],
  guards: readonly ((process: Process) => Promise<void>)[],
): Promise<void> {
  const turns: Waiting[] = [];
  const sleepers: (Waiting & { readonly until: Instant })[] = [];
  const alive = new Set<object>();
  let failed: { readonly error: unknown } | null = null;

  for (const guard of guards) {
    const process: Process = {
      turn: () => new Promise((go) => turns.push({ process, go })),
      sleep: (length) => new Promise((go) => sleepers.push({ process, go, until: clock.now() + length })),
      die: () => alive.delete(process),
    };
    alive.add(process);
    guard(process).then(
      () => alive.delete(process),
      (error: unknown) => {
        if (alive.delete(process)) failed ??= { error };
      },
    );
  }
  for (let taken = 0; alive.size > 0 && failed === null; taken++) {
    if (taken > MAX_TURNS) throw new Error("The guard does not come to an end.");
    await everybodyWaits();
    forget(turns, alive);
    forget(sleepers, alive);
    const index = turns.length === 0 ? 0 : (picks[taken % picks.length] ?? 0) % turns.length;
    const [next] = turns.splice(index, 1);
    if (next !== undefined) next.go();
    else wakeFirst(sleepers, clock);
  }
  if (failed !== null) throw (failed as { error: unknown }).error;
}

/** Nothing here does I/O, so once the microtasks are done everybody waits for a turn or sleeps. */
const everybodyWaits = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function forget(waiting: Waiting[], alive: ReadonlySet<object>): void {
  for (let index = waiting.length - 1; index >= 0; index--) {
    const entry = waiting[index];
    if (entry !== undefined && !alive.has(entry.process)) waiting.splice(index, 1);
  }
}

function wakeFirst(sleepers: (Waiting & { readonly until: Instant })[], clock: VirtualClock): void {
  sleepers.sort((a, b) => a.until - b.until);
  const next = sleepers.shift();
  if (next === undefined) return;
  clock.advance(Math.max(0, next.until - clock.now()));
  next.go();
}
