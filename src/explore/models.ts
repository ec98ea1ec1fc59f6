/** The models that can be explored, by name. */
import type { Model } from "../../model/language/machine.ts";

export type ModelTable = Readonly<Record<string, () => Promise<Model>>>;

export const models: ModelTable = {
  "job-store": async () => (await import("../../model/system/job-store.ts")).jobStore as unknown as Model,
  system: async () => (await import("../../model/system/system.ts")).system as unknown as Model,
};
