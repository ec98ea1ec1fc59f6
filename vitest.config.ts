import { defineConfig } from "vitest/config";

/** Suites that start servers or measure time share one file queue; the rest runs side by side. */
const onServers = ["test/**/*.server.test.ts"];

export default defineConfig({
  test: {
    globals: false,
    setupFiles: ["test/setup.ts"],
    reporters: ["default"],
    coverage: { provider: "v8", include: ["src/**/*.ts", "model/**/*.ts"], reporter: ["text-summary", "json-summary"] },
    projects: [
      {
        extends: true,
        test: { name: "pure", include: ["test/**/*.test.ts"], exclude: onServers, testTimeout: 30_000 },
      },
      {
        extends: true,
        test: {
          name: "servers",
          include: onServers,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
