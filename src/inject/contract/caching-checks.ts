/** Claims about how much an instance keeps, at the documented default: too many entries for a run with a network and judges. */
import { documentedSettings } from "../../check/documented-settings.ts";
import type { InstanceCheck } from "./instance/check.ts";
import type { Stage } from "./instance/stage.ts";

const { maxCalls, maxEntries } = documentedSettings;

/** Nodes that there are not, as many at a time as may be in flight. */
async function askForAll({ clock, scheduler, store }: Stage, count: number): Promise<void> {
  for (let from = 0; from < count; from += maxCalls) {
    const some = Array.from({ length: Math.min(maxCalls, count - from) }, (_, index) => `x${from + index}`);
    await clock.until(Promise.all(some.map((node) => scheduler.getNode(node))));
    store.asked = [];
  }
}

export const cachingChecks: readonly InstanceCheck[] = [
  {
    id: "misses-kept",
    property: "K5",
    claim: "as many missing nodes are remembered as the documented maxEntries allows, the newest, and no more",
    async perform(makeStage, compare) {
      const stage = makeStage({ missTtl: 4_000 });
      const { clock, scheduler, store } = stage;
      await stage.start();
      await askForAll(stage, maxEntries + 1);
      for (const [what, node, requests] of [
        ["the newest", `x${maxEntries}`, 0],
        ["the oldest that is kept", "x1", 0],
        ["one more", "x0", 1],
      ] as const) {
        await clock.until(scheduler.getNode(node));
        compare.same(
          `requests for ${what} of ${maxEntries} missing nodes`,
          store.requests("snapshot").length,
          requests,
        );
      }
    },
  },
];
