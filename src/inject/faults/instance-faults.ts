/** Faults of an instance's process: it is killed and restarted, stopped, or stopped periodically, which looks like a blocked event loop. */
import { type Fault, instancesOf } from "../../../scenarios/declare/fault-kinds.ts";
import type { FaultStep } from "../../check/history.ts";
import type { Subject } from "../instances/subject.ts";
import { Beginning, declared, type Placed, type Step, sleep, spanSteps } from "./step.ts";

type InstanceFault = Extract<Fault, { kind: "instance_crash" | "instance_pause" | "instance_slow" }>;

/** Begins and ends one such fault at one instance. */
interface Acts {
  begin(): Promise<void>;
  end(): Promise<void>;
}

export function instanceSteps({ fault, index, world }: Placed<InstanceFault>): readonly Step[] {
  const { processes, recorder } = world;
  return instancesOf(fault, processes.length).flatMap((instance): readonly Step[] => {
    const subject = processes[instance];
    if (subject === undefined) return [];
    const acts = actsOf(fault, subject);
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
      const seen = hasBegun
        ? { from: beginning.at, to: isStill ? asked : beginning.at, met: 1 }
        : { from: null, to: null, met: 0 };
      recorder.event({ kind: "in_force", at: recorder.now(), ...place, ...seen, seen_by: "process" });
    };
    return spanSteps(fault, [`instance ${instance}`], { inject, heal });
  });
}

/** ms. A running instance reports its status within a few milliseconds. */
const statusTimeout = 30;

/** Whether the instance shows the fault. One that is stopped periodically also runs, so a single look at it shows nothing. */
async function isAway({ kind }: InstanceFault, subject: Subject): Promise<boolean> {
  switch (kind) {
    case "instance_crash":
      return subject.status().mode === "gone";
    case "instance_pause":
      return await Promise.race([subject.refresh().then(() => false), sleep(statusTimeout).then(() => true)]);
    case "instance_slow":
      return true;
  }
}

function actsOf(fault: InstanceFault, subject: Subject): Acts {
  const { process } = subject;
  switch (fault.kind) {
    case "instance_crash":
      return { begin: () => process.kill(), end: () => subject.restart() };
    case "instance_pause":
      return { begin: () => process.pause(), end: async () => process.resume() };
    case "instance_slow":
      return stoppedPeriodically(fault, process);
  }
}

/** By signals, so it works for any system. */
function stoppedPeriodically(
  { blocks, every }: Extract<InstanceFault, { kind: "instance_slow" }>,
  process: Subject["process"],
): Acts {
  const stop = new AbortController();
  let done = Promise.resolve();
  const repeat = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await process.pause();
      await sleep(blocks);
      process.resume();
      await sleep(Math.max(0, every - blocks));
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
  };
}
