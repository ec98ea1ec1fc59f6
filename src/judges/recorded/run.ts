/** One common judge over one recorded run. */
import { ofKind } from "../../check/history.ts";
import type { Judgement, Trial } from "../../check/judgement.ts";
import { partitionsOf } from "../../check/observed/observation.ts";
import type { JudgeEvent } from "../event.ts";
import type { Case, MakeJudge } from "../judge.ts";
import { Panel } from "../panel.ts";
import { eventsOf } from "./stream.ts";
import { RecordedTiming } from "./timing.ts";
import { RecordedTruth } from "./truth.ts";

/** The input that all judges of a trial share. */
interface Prepared {
  readonly events: readonly JudgeEvent[];
  readonly circumstances: Omit<Case, "scene">;
}

const prepared = new WeakMap<Trial, Prepared>();

/** All events of a run, in order, as judges are given them. */
export function recordedEvents(trial: Trial): readonly JudgeEvent[] {
  return (prepared.get(trial) ?? prepare(trial)).events;
}

/** @param most of the events: the first so many */
export function judgeRecorded(make: MakeJudge, trial: Trial, most?: number): Judgement {
  const { circumstances, events } = prepared.get(trial) ?? prepare(trial);
  const panel = new Panel(circumstances, [make]);
  for (const event of most === undefined ? events : events.slice(0, most)) panel.on(event);
  const [judgement] = panel.finish();
  if (judgement === undefined) throw new Error("the panel has no judge");
  return judgement;
}

function prepare(trial: Trial): Prepared {
  const { bounds, history, instances, observations, side, terms } = trial;
  const truth = new RecordedTruth(trial);
  const shown = [...ofKind(history, "view"), ...ofKind(history, "sample")].map(({ views }) => views.length);
  const partitions = Math.max(0, ...shown, ...partitionsOf(observations).map((partition) => partition + 1));
  const watched = new Set(
    [...ofKind(history, "request"), ...ofKind(history, "store_call")].map(({ instance }) => instance),
  );
  const isControl = side === "control";
  const timing = new RecordedTiming(trial);
  const views = new Set(
    ofKind(history, "view").flatMap(({ instance, views: own }) =>
      own.flatMap((view, partition) => (view === null ? [] : [`${instance} ${partition}`])),
    ),
  );
  const isViewSeen = (instance: number, partition: number): boolean => views.has(`${instance} ${partition}`);
  const reporting = new Set(ofKind(history, "hosted").flatMap(({ instance, reports }) => (reports ? [instance] : [])));
  const circumstances = {
    ...{
      instances,
      partitions,
      watched,
      reporting,
      arePlacesSeen: false,
      areConfigurationsSeen: false,
      areCallsSeen: false,
      isViewSeen,
      isControl,
    },
    ...{ bounds, terms, truth, timing },
  };
  const made = { events: eventsOf(trial, truth), circumstances };
  prepared.set(trial, made);
  return made;
}
