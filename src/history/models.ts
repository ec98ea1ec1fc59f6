/** The objects whose histories can be judged; the other histories are those of runs. */
export const historyModels = ["node-jobs", "scheduler"] as const;
export type HistoryModel = (typeof historyModels)[number];
