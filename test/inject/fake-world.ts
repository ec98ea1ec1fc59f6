/** A world without servers, with proxies that a test controls: for tests of when faults are injected, and of effects that do not occur. */
import { once } from "node:events";
import { createServer } from "node:net";
import type { FaultStep } from "../../src/check/history.ts";
import { ofKind } from "../../src/check/history.ts";
import type { InstanceLinks, LinkName } from "../../src/inject/network/links.ts";
import { MessageReader } from "../../src/inject/network/resp.ts";
import { Recorder } from "../../src/inject/observe/recorder.ts";
import type { World } from "../../src/inject/world.ts";
import type { Toxic } from "../../src/lab/toxiproxy/toxic.ts";

/** How a call to one proxy is answered. */
export interface FakeProxy {
  addToxic(toxic: Toxic): Promise<void>;
  removeToxics(names: readonly string[]): Promise<void>;
  setEnabled(enabled: boolean): Promise<void>;
  /** The ports that a probe connects to; nothing listens on the first one. */
  readonly listenPort: number;
}

export const prompt: FakeProxy = { async addToxic() {}, async removeToxics() {}, async setEnabled() {}, listenPort: 1 };

/** The treatment of a probe on a link. */
export interface Wire {
  isSilent: boolean;
  latency: number;
}

/** A server that answers each question as the wire has it at that moment. */
export async function openWire(stack: AsyncDisposableStack): Promise<{ readonly wire: Wire; readonly port: number }> {
  const wire: Wire = { isSilent: false, latency: 0 };
  const server = createServer((client) => {
    const reader = new MessageReader();
    client.on("error", () => {});
    client.on("data", (chunk: Buffer) => {
      for (const { parts } of reader.read(chunk)) {
        if (!wire.isSilent) setTimeout(() => client.write(`+${parts[1]}\r\n`), wire.latency);
      }
    });
    stack.defer(() => void client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  stack.defer(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it does not listen");
  return { wire, port: address.port };
}

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
