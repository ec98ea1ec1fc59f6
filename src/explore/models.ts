/** The models that can be explored, by name. */
import type { Model } from "../../model/machine.ts";

export type ModelTable = Readonly<Record<string, () => Promise<Model>>>;

export const models: ModelTable = {
  "job-store": async () => (await import("../../model/job-store.ts")).jobStore as unknown as Model,
  system: async () => (await import("../../model/system.ts")).system as unknown as Model,
};
