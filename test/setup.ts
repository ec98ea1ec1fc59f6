/** fast-check's settings for every property test: one fixed seed (another by LOCKPROOF_TEST_SEED), and a time limit that fails instead of passing silently. */

import fc from "fast-check";

const seed = Number(process.env["LOCKPROOF_TEST_SEED"] ?? 1);
fc.configureGlobal({ seed, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: true });
