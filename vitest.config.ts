import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { cacheFolder } from "./src/lab/provide/cache.ts";
import { SlowestFiles } from "./test/slowest.ts";

/** These start servers: they run side by side, each with ports and folders of its own. */
const onServers = ["test/**/*.server.test.ts"];
/** These measure time: they come last, one file at a time. */
const alone = ["test/**/*.alone.test.ts"];

/** For tests with servers, in ms. One that hangs is noticed late: no test on a slow machine may fail for taking long. */
const patience = { testTimeout: 180_000, hookTimeout: 240_000 };

/** Seconds after which a run fails, on a machine of the usual pace: of `npm test`, of `npm run test:slow`, and of all tests. */
const budgets = { default: 900, slow: 900, all: 4_800 };
const filters = process.argv.filter((word) => word.startsWith("--tagsFilter="));
const chosen = filters.includes("--tagsFilter=slow") ? "slow" : "default";

/** Where CI wants the counts. */
const results = process.env["LOCKPROOF_TEST_RESULTS"];

export default defineConfig({
  test: {
    globals: false,
    // Processes that a test starts find their modules compiled, as those of a command do (src/cli/lockproof.js).
    env: { NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? join(cacheFolder(process.env), "compiled") },
    setupFiles: ["test/setup.ts"],
    reporters: [
      "default",
      new SlowestFiles(budgets[filters.length === 0 ? "all" : chosen]),
      ...(results ? ["json"] : []),
    ],
    outputFile: { ...(results && { json: results }) },
    tags: [
      {
        name: "slow",
        description: "takes seconds, and seldom fails alone: left out by npm test, run by npm run test:slow, and in CI",
      },
      { name: "nightly", description: "takes minutes: run by npm run test:all, before a release" },
    ],
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
          exclude: [...onServers, ...alone],
          // vitest's own number leaves a processor free.
          maxWorkers: availableParallelism(),
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "servers",
          include: onServers,
          maxWorkers: availableParallelism(),
          ...patience,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: "alone",
          include: alone,
          fileParallelism: false,
          ...patience,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
