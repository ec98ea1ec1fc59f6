/** Functions and folders that exceeded a limit when the limits were introduced. Entries are only removed. */
export const allowedLongFunctions: readonly string[] = [];

export const allowedWideFunctions: readonly string[] = [
  "src/check/linear/known/histories.ts ok",
  "src/check/linear/search/impossible.ts impossibleAt",
  "src/check/linear/search/order.ts whyMisplaced",
  "src/check/linear/search/versioned.ts explain",
  "src/check/linear/search/versioned.ts place",
  "src/check/linear/search/windowed.ts Search.constructor",
];

export const allowedFullFolders: readonly string[] = [];
