/** Shells expect 128 + the number of the signal. */
const INTERRUPTED = 130;

/**
 * Ctrl-C ends the program at once and says what that means for the clusters.
 *
 * @param message asked for at that moment
 * @returns ends this arrangement
 */
export function onInterrupt(message: () => string, cleanUp: () => void): () => void {
  const end = () => {
    cleanUp();
    process.stderr.write(`apisix-token-guard: ${message()}\n`, () => process.exit(INTERRUPTED));
  };
  process.once("SIGINT", end);
  return () => process.off("SIGINT", end);
}
