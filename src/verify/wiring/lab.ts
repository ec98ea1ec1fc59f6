import type { Layers } from "../layers.ts";

export const labLayer: Pick<Layers, "examine"> = {
  async examine(options) {
    const { examine } = await import("../../lab/provide/doctor.ts");
    return examine(options);
  },
};
