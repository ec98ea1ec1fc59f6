/** Records the views of the instances during the load: their versions often, their whole content less often. */
import type { HistoryEvent, Version, ViewChange } from "../../check/history.ts";
import { type Subject, withoutStatus } from "../instances/subject.ts";
import type { Journal } from "./recorder.ts";

const every = 10;
/** In looks, between two samples of the whole content. */
const sampleEvery = 10;
/** Beyond this many nodes a sample would disturb the run. */
const mostSampled = 200;

type SampleEvent = Extract<HistoryEvent, { kind: "sample" }>;

/** The instances that are watched. */
export interface Viewed {
  /** Nodes of the run. */
  readonly nodes: number;
  /** The number of the first instance; absent: 0. */
  readonly first?: number;
}

type Seen = Pick<Subject, "status" | "nodes" | "statusOfNodes">;

/** Records until disposed. */
export function watchViews(schedulers: readonly Seen[], viewed: Viewed, recorder: Journal): Disposable {
  const { first = 0, nodes } = viewed;
  const last = new Map<number, string>();
  let looks = 0;
  const look = () => {
    for (const [index, scheduler] of schedulers.entries()) {
      if (scheduler.status().mode === withoutStatus) continue;
      const instance = first + index;
      const change = viewsOf(scheduler, instance, recorder);
      const text = JSON.stringify(change.views);
      if (text !== last.get(instance)) recorder.event(change);
      last.set(instance, text);
      if (nodes <= mostSampled && looks % sampleEvery === 0) recorder.event(sampleOf(scheduler, instance, recorder));
    }
    looks += 1;
  };
  look();
  const timer = setInterval(look, every);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      look();
    },
  };
}

export function sampleOf(scheduler: Seen, instance: number, recorder: Pick<Journal, "now">): SampleEvent {
  const { at = recorder.now(), mode, view } = scheduler.statusOfNodes?.() ?? scheduler.status();
  const nodes = view.flatMap((_, partition) => scheduler.nodes(partition));
  return { kind: "sample", at, instance, mode, views: view.map(orNull), nodes };
}

function viewsOf(scheduler: Seen, instance: number, recorder: Journal): ViewChange {
  return { kind: "view", at: recorder.now(), instance, views: scheduler.status().view.map(orNull) };
}

function orNull(version: Version): Version | null {
  return version.epoch === "" ? null : version;
}
