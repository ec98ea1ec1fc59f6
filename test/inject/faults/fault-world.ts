/** Servers, links and an observer as in a run, without any scheduler: for tests that look at what a fault does to the wire. */
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import type { RedisTopology } from "../../../scenarios/declare/fault-places.ts";
import { ofKind } from "../../../src/check/history.ts";
import { runFaults } from "../../../src/inject/faults/faults.ts";
import { openLinks } from "../../../src/inject/network/links.ts";
import { openServers } from "../../../src/inject/network/servers.ts";
import { StoreObserver } from "../../../src/inject/observe/observer.ts";
import { Recorder } from "../../../src/inject/observe/recorder.ts";
import type { Lab } from "../../../src/lab/lab.ts";
import { waitFor } from "../../../src/lab/process/wait.ts";
import { keyspace } from "../../../src/redis/scripts/keys.ts";
import { loadScripts } from "../../../src/redis/scripts/scripts.ts";
import { encoder, type ScriptCall } from "../../../src/redis/scripts/wire.ts";
import { RawClient } from "./raw-client.ts";

const prefix = "t:";
export const patient = { timeout: 10_000, interval: 2 };
export const space = keyspace(prefix, "p0");
export const calls = encoder({ prefix, partitions: 1, feedMax: 1_000 });

/** As an instance sends it. */
export function asCommand({ args, keys, script }: ScriptCall): readonly string[] {
  return ["EVALSHA", loadScripts().scripts[script].sha, String(keys.length), ...keys, ...args];
}

export type FaultWorld = Awaited<ReturnType<typeof openFaultWorld>>;

export async function openFaultWorld(
  lab: Lab,
  stack: AsyncDisposableStack,
  kind: RedisTopology = "single",
  instances = 1,
) {
  const recorder = new Recorder();
  const toxiproxy = stack.use(await lab.toxiproxy());
  const servers = await openServers(kind, { lab, toxiproxy, partitions: 1, prefix });
  for (const server of [...servers.data, ...servers.sentinels]) stack.use(server);
  if (servers.bus !== null) stack.use(servers.bus);
  const hops = { commands: kind === "single", feed: kind === "single" };
  const links = await openLinks(instances, { servers, toxiproxy, hops });
  for (const { commands, feed } of links) for (const hop of [...commands.hops, ...feed.hops]) stack.use(hop);
  const observer = stack.use(await StoreObserver.open(servers, { prefix, partitions: 1, feedMax: 100_000, recorder }));
  const steps = (step: "inject" | "heal") =>
    waitFor(() => ofKind(recorder.events, "fault").find((each) => each.step === step), patient);
  return {
    links,
    observer,
    recorder,
    servers,
    /** The port of the only, or first, route of an instance. */
    port: (link: "commands" | "feed", instance = 0) => Number(new URL(links[instance]?.[link].url ?? "").port),
    dial: async (port: number) => stack.use(await RawClient.open(port)),
    /** Runs one fault from now on; `begun` when it is in force, `ended` when it has healed. */
    inject(fault: Fault, signal: AbortSignal = new AbortController().signal, loadEnds?: number) {
      recorder.begin();
      const world = { servers, links, observer, recorder, prefix, processes: [], ...(loadEnds && { loadEnds }) };
      const ended = runFaults([fault], world, signal);
      return { begun: Promise.race([steps("inject"), ended]), ended };
    },
  };
}
