/** How often a build that is still running says so, in milliseconds: CI systems stop a job that is silent for long. */
const HEARTBEAT_MS = 30_000;

/** Shows one step of a long build on stderr: when it starts, that it is still running, and how long it took. */
export async function reported<T>(label: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const seconds = () => `${((performance.now() - start) / 1000).toFixed(0)} s`;
  say(`${label} …`);
  const heartbeat = setInterval(() => say(`${label} … ${seconds()}`), HEARTBEAT_MS);
  try {
    const result = await work();
    say(`${label} done in ${seconds()}`);
    return result;
  } finally {
    clearInterval(heartbeat);
  }
}

export function say(text: string): void {
  process.stderr.write(`control plane: ${text}\n`);
}
