import { Command } from "commander";
import type { Ended } from "./verb.ts";

export const demoCommand = (ended: Ended): Command =>
  new Command("demo")
    .summary("show every verdict on a cluster in memory; needs no cluster")
    .description(
      "Shows one gateway of every verdict on a cluster in memory, explained. Needs no cluster and no network.",
    )
    .action(async () => {
      const { demo } = await import("../demo.ts");
      ended(await demo());
    });
