/** How a service of AWS refuses a request. */
export interface Fault {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** What is to go wrong with a stub. */
export interface Faults {
  /** So it goes with the next so many requests; Infinity: with all from now on. Replaces what was planned before. */
  plan(fault: Fault | "hang", times?: number): void;
  /** Everything goes well again. */
  clear(): void;
  /** Counts one request. */
  take(): Fault | "hang" | undefined;
}

export const THROTTLED: Fault = { status: 400, code: "Throttling", message: "Rate exceeded" };

export function createFaults(): Faults {
  let planned: Fault | "hang" | undefined;
  let left = 0;
  return {
    plan: (fault, times = 1) => {
      planned = fault;
      left = times;
    },
    clear: () => {
      left = 0;
    },
    take: () => (left-- > 0 ? planned : undefined),
  };
}
