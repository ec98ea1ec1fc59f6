import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../../scenarios/declare/fault-kinds.ts";
import { faultWindows, lackingFaults } from "../../../src/check/faults/windows.ts";
import { ofKind } from "../../../src/check/history.ts";
import { BrokenRunError } from "../../../src/evidence/failure.ts";
import { runFaults } from "../../../src/inject/faults/faults.ts";
import { HostedInstance } from "../../../src/inject/hosted/instance.ts";
import { ProcessInstance } from "../../../src/inject/instances/process-instance.ts";
import type { Subject } from "../../../src/inject/instances/subject.ts";
import { withoutStatus } from "../../../src/inject/instances/subject.ts";
import type { InstanceLinks } from "../../../src/inject/network/links.ts";
import { Recorder } from "../../../src/inject/observe/recorder.ts";
import type { World } from "../../../src/inject/world.ts";
import { type Lab, openLab } from "../../../src/lab/lab.ts";
import { recordedServers } from "../../../src/lab/process/folder.ts";
import { identify } from "../../../src/lab/process/process.ts";
import { waitFor } from "../../../src/lab/process/wait.ts";
import { loadScheduler } from "../../../src/mutants/schedulers.ts";
import { referenceCommand, type SutCommand } from "../../../src/sut/command.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(async () => {
  await lab.close();
});

const never = new AbortController().signal;
const shared = { partitions: 1, feedMax: 100, settings: {}, index: 0 };
const lastPid = () => recordedServers(lab.folder).at(-1)?.pid ?? 0;

interface Begun {
  readonly instance: Subject;
  readonly recorder: Recorder;
  readonly pid: () => number;
}

async function speaking(command: SutCommand = referenceCommand()): Promise<Begun> {
  const { url } = await lab.redis();
  const recorder = new Recorder();
  const links = { commands: { url }, feed: { url } };
  const instance = await ProcessInstance.start({ ...shared, recorder, namespace: "lp:", lab, command, links });
  recorder.begin();
  return { instance, recorder, pid: lastPid };
}

async function hosted(): Promise<Begun> {
  using scheduler = await loadScheduler(null);
  return await hosting(scheduler.url);
}

/** @param scheduler the URL of its module */
async function hosting(scheduler: string): Promise<Begun> {
  const { url } = await lab.redis();
  const recorder = new Recorder();
  const place = { place: { url } };
  const links = { commands: place, feed: place } as unknown as InstanceLinks;
  const instance = await HostedInstance.start({ ...shared, seed: 1, nodes: 1, scheduler, recorder, lab, links });
  recorder.begin();
  return { instance, recorder, pid: lastPid };
}

/** The state of the process, as the kernel reports it. */
function stateOf(pid: number): string {
  const text = readFileSync(`/proc/${pid}/stat`, "latin1");
  return text.slice(text.lastIndexOf(")") + 2, text.lastIndexOf(")") + 3);
}

/** Injects the fault, and observes the process meanwhile. */
async function look(fault: Fault, { instance, pid, recorder }: Begun) {
  const seen: { at: number; state: string }[] = [];
  const own = pid();
  const timer = setInterval(() => {
    if (identify(own) !== undefined) seen.push({ at: recorder.now(), state: stateOf(own) });
  }, 5);
  // These faults do not use the other parts of the world.
  const world = { processes: [instance], recorder } as unknown as World;
  await runFaults([fault], world, never);
  clearInterval(timer);
  const [window] = faultWindows(recorder.events, 1);
  if (window === undefined) throw new Error("the fault was never in force");
  return { seen, window, own };
}

const kinds: readonly (readonly [string, () => Promise<Begun>])[] = [
  ["a hosted instance", hosted],
  ["an instance over the line protocol", speaking],
];

describe.each(kinds)("a fault of %s itself, seen from outside the process:", (_kind, begun) => {
  it("instance_pause: it is stopped for that time and no longer, and answers afterwards", async () => {
    const world = await begun();
    const { seen, window } = await look({ kind: "instance_pause", at: 50, lasts: 200 }, world);
    const during = seen.filter(({ at }) => at > window.from && at < window.to);
    expect(during.length).toBeGreaterThan(5);
    expect(new Set(during.map(({ state }) => state))).toEqual(new Set(["T"]));
    expect(
      await waitFor(() => (stateOf(world.pid()) === "T" ? undefined : true), { timeout: 1_000, interval: 2 }),
    ).toBe(true);
    expect(await world.instance.getNode("missing")).toMatchObject({ found: false });
    await world.instance.close();
  });

  it("instance_slow: it is stopped periodically, for about the requested share", async () => {
    const world = await begun();
    const { seen, window } = await look({ kind: "instance_slow", at: 20, lasts: 600, blocks: 50, every: 100 }, world);
    const during = seen.filter(({ at }) => at > window.from && at < window.to);
    const stopped = during.filter(({ state }) => state === "T").length / during.length;
    expect(stopped).toBeGreaterThan(0.2);
    expect(stopped).toBeLessThan(0.8);
    expect(lackingFaults({ history: world.recorder.events, instances: 1 })).toEqual([]);
    expect(await world.instance.getNode("missing")).toMatchObject({ found: false });
    await world.instance.close();
  });

  it("instance_slow: one that runs on after the first stop was not stopped periodically", async () => {
    const world = await begun();
    const { process } = world.instance;
    let stops = 0;
    const lying = new Proxy(world.instance, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (name === "process") {
          const pause = async (): Promise<void> => {
            stops += 1;
            if (stops === 1) await process.pause();
          };
          return { pause, resume: () => process.resume(), kill: () => process.kill() };
        }
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    await look({ kind: "instance_slow", at: 20, lasts: 600, blocks: 50, every: 100 }, { ...world, instance: lying });
    expect(stops).toBeGreaterThan(4);
    expect(lackingFaults({ history: world.recorder.events, instances: 1 })).toEqual([
      expect.stringMatching(/it was in force for 1?\d\d(?:\.\d)? ms/u),
    ]);
    await world.instance.close();
  });

  it("instance_crash: it is gone, calls fail at once, and another process answers for it afterwards", async () => {
    const world = await begun();
    const fault = { kind: "instance_crash", at: 50, lasts: 100 } as const;
    const crash = look(fault, world);
    const first = world.pid();
    expect(
      await waitFor(() => (identify(first) === undefined ? true : undefined), { timeout: 2_000, interval: 2 }),
    ).toBe(true);
    expect(world.instance.status()).toMatchObject({ mode: "gone", view: [{ epoch: "" }] });
    await expect(world.instance.getNode("missing")).rejects.toThrow("gone");
    expect(await world.instance.reserveJob("n", "j")).toMatchObject({ kind: "failed", applied: "no" });
    // Also while the next process gets ready.
    const asking = setInterval(() => void world.instance.getNode("missing").catch(() => {}), 2);
    const { own, window } = await crash;
    clearInterval(asking);
    expect(own).toBe(first);
    expect(world.pid()).not.toBe(first);
    expect(window.healed - window.asked).toBeGreaterThan(100);
    expect(await world.instance.getNode("missing")).toMatchObject({ found: false });
    expect(ofKind(world.recorder.events, "note").filter(({ what }) => what === "process_ended")).toEqual([]);
    await world.instance.close();
    expect(identify(world.pid())).toBeUndefined();
  });
});

describe("a hosted instance that is restarted", () => {
  const restarts = async (scheduler: string) => {
    const { instance, recorder } = await hosting(scheduler);
    for (const at of [20, 40]) {
      const world = { processes: [instance], recorder } as unknown as World;
      await runFaults([{ kind: "instance_crash", at, lasts: 20 }], world, never);
    }
    await instance.close();
    return recorder.events;
  };

  it("goes on from where it was: each of its changes of mode begins in the mode before", async () => {
    using scheduler = await loadScheduler(null);
    const changes = ofKind(await restarts(scheduler.url), "mode");
    expect(changes.map(({ cause, from, to }) => `${from} ${to} ${cause}`)).toEqual([
      ...["normal local_only restarted", "local_only normal resynced"],
      ...["normal local_only restarted", "local_only normal resynced"],
    ]);
  });

  it("reports what holds up its thread while it gets ready", async () => {
    using scheduler = await loadScheduler(null);
    const slow = `import { createScheduler as create } from ${JSON.stringify(scheduler.url)};
      export const createScheduler = (...given) => {
        const made = create(...given);
        const start = made.start.bind(made);
        made.start = async () => { for (const end = Date.now() + 80; Date.now() < end; ); await start(); };
        return made;
      };`;
    const events = await restarts(`data:text/javascript,${encodeURIComponent(slow)}`);
    const ready = ofKind(events, "hosted").filter(({ life }) => life > 1);
    expect(ready).toHaveLength(2);
    for (const { at } of ready) {
      const held = ofKind(events, "stall").filter((stall) => stall.instance === 0 && stall.since < at);
      expect(Math.max(0, ...held.map(({ lasted }) => lasted))).toBeGreaterThan(60);
    }
  });
});

describe("an instance that violates the protocol or ends", () => {
  const program = (body: string): SutCommand => ({
    file: process.execPath,
    args: [
      "-e",
      `require("node:readline").createInterface({input: process.stdin}).on("line", (text) => { const {id, op} = JSON.parse(text); ${body} })`,
    ],
  });
  const say = (reply: string) => `console.log(JSON.stringify(${reply}));`;
  const about = `{id, ok: true, name: "x", version: "1", capabilities: {ops: ["get_node"], properties: []}}`;
  const status = `{id, ok: true, mode: "normal", view: {}}`;

  it("makes the run broken when it prints rubbish", async () => {
    const rubbish = `if (op === "init") ${say(about)} else if (op === "status") ${say(status)} else console.log("oops");`;
    const { instance } = await speaking(program(rubbish));
    instance.throwIfBroken();
    await expect(instance.getNode("n")).rejects.toThrow("protocol");
    expect(() => instance.throwIfBroken()).toThrow(BrokenRunError);
    await instance.close();
  });

  it("and does not claim status is ready once it was greeted, silent while it is stopped, and gone once it was killed", async () => {
    const { instance } = await speaking(program(`if (op === "init") ${say(about)} else process.exit(9);`));
    expect(instance.status()).toMatchObject({ mode: withoutStatus, connected: true });
    await instance.process.pause();
    let hasAnswered = false;
    const refreshed = instance.refresh().then(() => {
      hasAnswered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(hasAnswered).toBe(false);
    instance.process.resume();
    await refreshed;
    expect(instance.status().mode).toBe(withoutStatus);
    await instance.process.kill();
    expect(instance.status().mode).toBe("gone");
    await instance.close();
  });

  it("is recorded with the end of its log when it ends by itself", async () => {
    const dying = `if (op === "init") ${say(about)} else if (op === "status") ${say(status)} else { console.error("no memory"); process.exit(7); }`;
    const { instance, recorder } = await speaking(program(dying));
    await expect(instance.getNode("n")).rejects.toThrow("gone");
    const noted = await waitFor(() => ofKind(recorder.events, "note")[0], { timeout: 2_000, interval: 5 });
    expect(noted).toMatchObject({ what: "process_ended", facts: { how: "exit code 7", log: "no memory" } });
    instance.throwIfBroken();
    await instance.close();
  });
});

describe("the content of an instance that came before the load", () => {
  it("keeps its time, though the clock of the run begins anew", async () => {
    const { instance, recorder } = await speaking();
    expect(instance.statusOfNodes?.().at).toBeLessThanOrEqual(recorder.now());
    await instance.close();
  });
});
