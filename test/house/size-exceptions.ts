/** Functions and folders that exceeded a limit when the limits were introduced. Entries are only removed. */
export const allowedLongFunctions: readonly string[] = [];

export const allowedWideFunctions: readonly string[] = [];

export const allowedFullFolders: readonly string[] = [];
