/** Faults of an instance's process: it is killed and restarted, stopped, or stopped periodically, which looks like a blocked event loop. */
import { type Fault, instancesOf } from "../../../scenarios/declare/fault-kinds.ts";
import type { FaultStep, Millis } from "../../check/history.ts";
import type { Subject } from "../instances/subject.ts";
import { Beginning, declared, type Placed, type Step, sleep, spanSteps } from "./step.ts";

type InstanceFault = Extract<Fault, { kind: "instance_crash" | "instance_pause" | "instance_slow" }>;

/** Begins and ends one such fault at one instance. */
interface Acts {
  begin(): Promise<void>;
  end(): Promise<void>;
  /** When it was seen to be stopped; absent: a look at the beginning and one at the end show it. */
  seen?(): Stops;
}

/** The longest row of stops, each of which was seen: since and until when. null: none was. */
interface Stops {
  readonly from: Millis | null;
  readonly to: Millis | null;
  readonly met: number;
}

export function instanceSteps({ fault, index, world }: Placed<InstanceFault>): readonly Step[] {
  const { processes, recorder } = world;
  return instancesOf(fault, processes.length).flatMap((instance): readonly Step[] => {
    const subject = processes[instance];
    if (subject === undefined) return [];
    const acts = actsOf(fault, subject, () => recorder.now());
    const beginning = new Beginning();
    const act = async (step: FaultStep["step"]): Promise<void> => {
      const asked = recorder.now();
      await (step === "inject" ? acts.begin() : acts.end());
      const place = { fault: index, name: fault.kind, instance, link: "process", cuts_off: false } as const;
      const done = recorder.now();
      beginning.record(done);
      recorder.event({ kind: "fault", ...place, step, asked, done, ...(step === "inject" ? declared(fault) : {}) });
    };
    let hasBegun = false;
    const inject = async (): Promise<void> => {
      await act("inject");
      hasBegun = await isAway(fault, subject);
    };
    const heal = async (): Promise<void> => {
      await beginning.untilLasted(fault.lasts, world);
      const isStill = await isAway(fault, subject);
      const asked = recorder.now();
      await act("heal");
      const place = { fault: index, name: fault.kind, instance, link: "process" } as const;
      const looked = hasBegun
        ? { from: beginning.at, to: isStill ? asked : beginning.at, met: 1 }
        : { from: null, to: null, met: 0 };
      const seen = acts.seen?.() ?? looked;
      recorder.event({ kind: "in_force", at: recorder.now(), ...place, ...seen, seen_by: "process" });
    };
    return spanSteps(fault, [`instance ${instance}`], { inject, heal });
  });
}

/** ms. A running instance reports its status within a few milliseconds. */
const statusTimeout = 30;

/** Whether the instance shows the fault. One that is stopped periodically also runs: it is looked at in each stop. */
async function isAway({ kind }: InstanceFault, subject: Subject): Promise<boolean> {
  switch (kind) {
    case "instance_crash":
      return subject.status().mode === "gone";
    case "instance_pause":
      return await isSilent(subject, statusTimeout);
    case "instance_slow":
      return false;
  }
}

async function isSilent(subject: Subject, timeout: Millis): Promise<boolean> {
  return await Promise.race([subject.refresh().then(() => false), sleep(timeout).then(() => true)]);
}

function actsOf(fault: InstanceFault, subject: Subject, now: () => Millis): Acts {
  const { process } = subject;
  switch (fault.kind) {
    case "instance_crash":
      return { begin: () => process.kill(), end: () => subject.restart() };
    case "instance_pause":
      return { begin: () => process.pause(), end: async () => process.resume() };
    case "instance_slow":
      return stoppedPeriodically(fault, subject, now);
  }
}

/** By signals, so it works for any system. */
function stoppedPeriodically(
  { blocks, every }: Extract<InstanceFault, { kind: "instance_slow" }>,
  subject: Subject,
  now: () => Millis,
): Acts {
  const { process } = subject;
  const stop = new AbortController();
  const stops = new StopLog();
  const between = Math.max(0, every - blocks);
  let done = Promise.resolve();
  const repeat = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await process.pause();
      const from = now();
      const [isSeen] = await Promise.all([isSilent(subject, blocks), sleep(blocks)]);
      stops.add({ from, to: now(), isSeen });
      process.resume();
      await sleep(between);
    }
  };
  return {
    async begin() {
      done = repeat();
    },
    async end() {
      stop.abort();
      await done;
    },
    seen: () => stops.longest(between),
  };
}

interface Stop {
  readonly from: Millis;
  readonly to: Millis;
  readonly isSeen: boolean;
}

class StopLog {
  readonly #rows: Stop[][] = [[]];

  add(stop: Stop): void {
    if (stop.isSeen) this.#rows.at(-1)?.push(stop);
    else this.#rows.push([]);
  }

  /** @param between two stops: the last one counts until the next would have begun */
  longest(between: Millis): Stops {
    const longest = this.#rows.reduce((most, row) => (row.length > most.length ? row : most), []);
    const [first, last] = [longest[0], longest.at(-1)];
    if (first === undefined || last === undefined) return { from: null, to: null, met: 0 };
    return { from: first.from, to: last.to + between, met: longest.length };
  }
}
