import { defineConfig } from "vitest/config";

/** Suites by what they need: nothing, loopback sockets, a real control plane, one that is signed in to as on AWS, or an emulator of AWS. */
export default defineConfig({
  test: {
    // The counts of a run on a build server are read from the file, not from the text for people.
    reporters: process.env.CI ? ["default", ["json", { outputFile: "reports/tests.json" }]] : ["default"],
    // One suite after the other: together they would time each other out on a small machine.
    projects: [
      {
        test: {
          name: "unit",
          sequence: { groupOrder: 0 },
          include: ["test/**/*.test.ts"],
          exclude: ["test/contract/**", "test/cluster/**", "test/cli/**", "test/lambda/**", "test/deploy/**"],
          // Nothing here keeps state in a module or changes the process, and loading zod, yaml and croner for every file anew
          // would take longer than the tests do.
          isolate: false,
          // One for each core: the process that hands the files out has next to nothing to do.
          maxWorkers: "100%",
          // Takes a tenth of that: a busy machine is no failure.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "contract",
          sequence: { groupOrder: 1 },
          include: ["test/contract/**/*.test.ts", "test/cli/**/*.test.ts"],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "cluster",
          sequence: { groupOrder: 2 },
          include: ["test/cluster/**/*.test.ts"],
          globalSetup: ["test/cluster/global-setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // One control plane takes 450 MB and most of a core: files run one after another.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "lambda",
          sequence: { groupOrder: 3 },
          include: ["test/lambda/**/*.test.ts"],
          globalSetup: ["test/lambda/global-setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Some files start a control plane of their own.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "deploy",
          sequence: { groupOrder: 4 },
          include: ["test/deploy/**/*.test.ts"],
          globalSetup: ["test/deploy/global-setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // The emulator takes 350 MB, and packaging most of a core.
          fileParallelism: false,
        },
      },
    ],
  },
});
