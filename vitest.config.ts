import { defineConfig } from "vitest/config";

/** Suites that start servers or measure time come last, one file at a time; the rest runs side by side. */
const onServers = ["test/**/*.server.test.ts"];

/** Where CI wants the counts. */
const results = process.env["LOCKPROOF_TEST_RESULTS"];

export default defineConfig({
  test: {
    globals: false,
    setupFiles: ["test/setup.ts"],
    reporters: results ? ["default", ["json", { outputFile: results }]] : ["default"],
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts", "model/**/*.ts"],
      reporter: ["text-summary", "json-summary"],
      reportOnFailure: true,
      // What embeds must be covered best; the checklist asks for 80 of everything.
      thresholds: {
        lines: 80,
        "src/scheduler/**": { lines: 90 },
        "src/redis/**": { lines: 90 },
        "model/**": { lines: 90 },
      },
    },
    projects: [
      {
        extends: true,
        test: {
          name: "pure",
          include: ["test/**/*.test.ts"],
          exclude: onServers,
          testTimeout: 30_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "servers",
          include: onServers,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
