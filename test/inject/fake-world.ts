/** A world without servers, whose proxies do what a test says: for tests of when faults are done, and of what is said where the world lies. */
import type { FaultStep } from "../../src/check/history.ts";
import { ofKind } from "../../src/check/history.ts";
import type { InstanceLinks, LinkName } from "../../src/inject/links.ts";
import { Recorder } from "../../src/inject/recorder.ts";
import type { World } from "../../src/inject/world.ts";
import type { Toxic } from "../../src/lab/toxic.ts";

/** How a call to one proxy is answered. */
export interface FakeProxy {
  addToxic(toxic: Toxic): Promise<void>;
  removeToxics(names: readonly string[]): Promise<void>;
  setEnabled(enabled: boolean): Promise<void>;
}

export const prompt: FakeProxy = { async addToxic() {}, async removeToxics() {}, async setEnabled() {} };

/** @param proxyOf that of one link of one instance */
export function fakeWorld(instances: number, proxyOf: (instance: number, link: LinkName) => FakeProxy) {
  const recorder = new Recorder();
  const links = Array.from({ length: instances }, (_, instance) => {
    const open = (name: LinkName) => ({ name, hops: [], routes: [{ proxy: proxyOf(instance, name), hop: null }] });
    return { commands: open("commands"), feed: open("feed") };
  }) as unknown as readonly InstanceLinks[];
  const world = { links, recorder, processes: [], prefix: "t:" } as unknown as World;
  return {
    world,
    recorder,
    step: (fault: number, step: FaultStep["step"]) =>
      ofKind(recorder.events, "fault").find((each) => each.fault === fault && each.step === step),
  };
}
