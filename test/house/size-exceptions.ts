/** Functions and folders that exceeded a limit when the limits were introduced. Entries are only removed. */
export const allowedLongFunctions: readonly string[] = [];

export const allowedWideFunctions: readonly string[] = [
  "src/check/linear/known/histories.ts ok",
  "src/check/linear/node/calls.ts NodeCalls.add",
  "src/check/linear/node/stories.ts misplacedStory",
  "src/check/linear/search/impossible.ts impossibleAt",
  "src/check/linear/search/order.ts whyMisplaced",
  "src/check/linear/search/versioned.ts explain",
  "src/check/linear/search/versioned.ts place",
  "src/check/linear/search/windowed.ts Search.constructor",
  "src/check/linearizability.ts nodeFindings",
  "src/check/observed/replay.ts replayEpoch",
];

export const allowedFullFolders: readonly string[] = [];
