/** The instances of a run, each in a process of its own. */
import type { Scenario } from "../../../scenarios/declare/declare.ts";
import type { Lab } from "../../lab/lab.ts";
import { referenceCommand, type SutCommand } from "../../sut/command.ts";
import { HostedInstance } from "../hosted/instance.ts";
import type { InstanceLinks } from "../network/links.ts";
import type { Recorder } from "../observe/recorder.ts";
import type { InstanceKind } from "./as-processes.ts";
import { keyPrefix } from "./instance.ts";
import { ProcessInstance } from "./process-instance.ts";
import type { Subject } from "./subject.ts";

export interface SubjectsOptions {
  readonly lab: Lab;
  readonly scenario: Scenario;
  readonly links: readonly InstanceLinks[];
  readonly seed: number;
  readonly recorder: Recorder;
  /** The URL of the module that has `createScheduler`, for hosted instances. */
  readonly scheduler: string;
  readonly kind: InstanceKind;
  /** The system under test; null: the reference scheduler. */
  readonly system: SutCommand | null;
  /** Closes them, in the reverse order. */
  readonly cleanup: AsyncDisposableStack;
}

/** Starts all at the same time. @throws the error of an instance that does not get ready */
export async function startSubjects(options: SubjectsOptions): Promise<readonly Subject[]> {
  const { cleanup, kind, lab, links, recorder, scenario, scheduler, seed, system } = options;
  const { settings, topology } = scenario;
  const { feedMax, nodes, partitions } = topology;
  const shared = { lab, partitions, feedMax, settings, recorder };
  const starting = links.map(async (own, index): Promise<Subject> => {
    const place = { ...shared, index, links: own };
    const subject =
      kind === "hosted"
        ? await HostedInstance.start({ ...place, nodes, scheduler, seed })
        : await ProcessInstance.start({ ...place, command: system ?? referenceCommand(), namespace: keyPrefix });
    return cleanup.adopt(subject, (started) => started.close());
  });
  const started = await Promise.allSettled(starting);
  const failed = started.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
  return started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}
