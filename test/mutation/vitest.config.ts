import { defineConfig } from "vitest/config";

/** The tests of the pure core: what a changed rule must fail. */
export default defineConfig({
  test: { include: ["test/decide/**/*.test.ts", "test/evidence/**/*.test.ts", "test/rollout/**/*.test.ts"] },
});
