import { basename } from "node:path";
import { replayCommand } from "../../evidence/words.ts";
import type { Layers } from "../layers.ts";
import { loadFor, schedulerFrom } from "./simulate.ts";

export const viewerLayer: Pick<Layers, "viewSimulated" | "viewHistory"> = {
  async viewSimulated({ isRight = false, module, onProgress = () => {}, text, token }) {
    const { watchRun } = await import("../../simulate/run/watched.ts");
    const { isChargedToken } = await import("../../simulate/run/token.ts");
    const { RunView, viewedKinds } = await import("../../viewer/run-view.ts");
    const { mutant, seed, subject } = token;
    const shown = isRight ? undefined : mutant;
    const isCharged = isChargedToken(token);
    using loaded = shown === undefined && !isCharged ? undefined : await loadFor(shown, isCharged);
    const ours = loaded && { id: shown ?? null, createScheduler: loaded.createScheduler };
    const planted = module === undefined ? ours : schedulerFrom(module);
    const view = await watchRun({
      ...{ token, planted, onProgress, kinds: viewedKinds },
      watcher: (instances) => new RunView(instances),
    });
    const title = `simulate ${subject}, seed ${seed}${shown === undefined ? "" : `, mutant ${shown}`}`;
    return view.build({ title, again: replayCommand(text), isObserved: false });
  },
  async viewHistory(file, properties) {
    const { watchHistory } = await import("../../history/trial/watched.ts");
    const { RunView } = await import("../../viewer/run-view.ts");
    const { scenario, seed, side, watcher } = watchHistory(file, (instances) => new RunView(instances), properties);
    const title = `inject ${scenario}, seed ${seed}, ${side} run`;
    return watcher.build({ title, again: `lockproof check ${basename(file)}`, isObserved: true });
  },
};
