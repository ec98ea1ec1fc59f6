/** The instances of a run, in this process, or each in one of its own where something is to be done to an instance itself. */
import type { Scenario } from "../../scenarios/declare.ts";
import type { Lab } from "../lab/lab.ts";
import { referenceCommand } from "../sut/command.ts";
import { keyPrefix, startInstance } from "./instance.ts";
import type { InstanceLinks } from "./links.ts";
import type { LoadedScheduler } from "./planted.ts";
import { ProcessInstance } from "./process-instance.ts";
import type { Recorder } from "./recorder.ts";
import type { Subject } from "./subject.ts";

export interface SubjectsOptions {
  readonly lab: Lab;
  readonly scenario: Scenario;
  readonly links: readonly InstanceLinks[];
  readonly seed: number;
  readonly recorder: Recorder;
  readonly createScheduler: LoadedScheduler["createScheduler"];
  readonly asProcesses: boolean;
  /** Closes them, in the reverse order. */
  readonly cleanup: AsyncDisposableStack;
}

export interface Subjects {
  readonly schedulers: readonly Subject[];
  /** The same, where they are processes; else none. */
  readonly processes: readonly ProcessInstance[];
}

/** @throws whatever an instance throws that does not get ready */
export async function startSubjects(options: SubjectsOptions): Promise<Subjects> {
  const { asProcesses, cleanup, createScheduler, lab, links, recorder, scenario, seed } = options;
  const { settings, topology } = scenario;
  const { feedMax, partitions } = topology;
  const shared = { partitions, feedMax, settings, recorder };
  if (asProcesses) {
    const command = referenceCommand();
    const started = await Promise.all(
      links.map(async (own, index) => {
        const options = { ...shared, lab, command, index, links: own, namespace: keyPrefix };
        return cleanup.use(await ProcessInstance.start(options));
      }),
    );
    return { schedulers: started, processes: started };
  }
  const schedulers: Subject[] = [];
  for (const [index, own] of links.entries()) {
    const scheduler = await startInstance({ ...shared, seed, createScheduler, index, links: own });
    schedulers.push(cleanup.adopt(scheduler, closeQuietly));
  }
  return { schedulers, processes: [] };
}

/** A planted scheduler may have stopped itself; what it did before has been taken down. */
async function closeQuietly(scheduler: Subject): Promise<void> {
  await scheduler.close().catch(() => {});
}
