/**
 * An emulator of AWS by hand, until Ctrl-C, to try a deployment on:
 *
 *     node test/support/deploy/moto/run.ts
 *     export AWS_ENDPOINT_URL=…    # in another terminal, as printed
 */
import { installMoto } from "./install.ts";
import { startMoto } from "./server.ts";

const moto = await startMoto(await installMoto());
process.stdout.write(
  `export AWS_ENDPOINT_URL=${moto.url} AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing AWS_REGION=eu-west-1\n`,
);

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void moto.stop());
