/** Told the exit code of a verb. */
export type Ended = (exitCode: number) => void;
