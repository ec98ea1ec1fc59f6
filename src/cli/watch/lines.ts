/** The output of a watch: a line or an object for each event, and its end; never the URL, which may have a password. */
import { visible } from "../../evidence/escape.ts";
import { withoutUndefined } from "../../evidence/without-undefined.ts";
import { durationText } from "../../evidence/words.ts";
import type { Watched, WatchReport } from "../../verify/layers.ts";

const indent = "  ";

export function jsonOfEvent(event: WatchReport, time: string): object {
  if (event.kind !== "violation") return { ...event, time };
  const { at, change, epoch, history, lack, node, partition, property, sequence, story } = event;
  const where = { partition, node, epoch, sequence, change };
  return {
    kind: "violation",
    time,
    at_ms: Math.round(at),
    property,
    ...where,
    story,
    history,
    ...withoutNull({ lack }),
  };
}

function withoutNull({ lack }: { readonly lack: string | null }): object {
  return withoutUndefined({ history_lack: lack ?? undefined });
}

export function linesOfEvent(event: WatchReport, time: string): readonly string[] {
  switch (event.kind) {
    case "waiting":
      return [`${time}  waiting: no instance has laid out the store yet`];
    case "following":
      return [`${time}  following ${event.partitions} partitions`];
    case "away":
      return [`${time}  away: Redis does not answer: ${visible(event.reason)}`];
    case "back":
      return [`${time}  back: Redis answers again after ${durationText(event.lasted)}`];
    case "missed":
      return [
        `${time}  missed: changes ${event.from} to ${event.to} of partition ${event.partition} left the feed before they were read`,
      ];
    case "epoch":
      return [
        `${time}  epoch ${visible(event.epoch)} of partition ${event.partition} has begun${event.isWhole ? "" : "; the end of the former one was not seen"}`,
      ];
    case "unreadable":
      return [
        `${time}  unreadable: node ${visible(event.node)} of partition ${event.partition}: ${visible(event.reason)}`,
      ];
    case "violation":
      return violationLines(event, time);
  }
}

function violationLines(
  {
    change,
    epoch,
    history,
    lack,
    node,
    partition,
    property,
    sequence,
    story,
  }: Extract<WatchReport, { kind: "violation" }>,
  time: string,
): readonly string[] {
  const where = node === null ? `partition ${partition}` : `node ${visible(node)}, partition ${partition}`;
  return [
    `${time}  VIOLATED  ${property}  ${where}`,
    ...story.map((line) => `${indent}${visible(line)}`),
    `${indent}change ${visible(epoch)}:${sequence}${change === null ? "" : ` ${visible(JSON.stringify(change))}`}`,
    history === null
      ? `${indent}history: none (${visible(lack ?? "")})`
      : `${indent}history: lockproof check ${visible(history)}`,
  ];
}

export function jsonOfEnd({ counts, judgements, lost, verdict }: Watched, time: string): object {
  const properties = judgements.map(({ exercised, property, reason, verdict: own }) => [
    property,
    { verdict: own, exercised, ...withoutUndefined({ reason }) },
  ]);
  return {
    ...{ kind: "end", time, verdict, ...counts, properties: Object.fromEntries(properties) },
    ...withoutUndefined({ lost: lost ?? undefined }),
  };
}

export function linesOfEnd({ counts, judgements, lost }: Watched): readonly string[] {
  const { absences, changes, changes_missed: missed, looks, nodes, partitions } = counts;
  return [
    `${indent}${changes} changes read, ${missed} missed; ${nodes} nodes in ${partitions} partitions, looked at ${looks} times; Redis was away ${absences} times`,
    ...(lost === null ? [] : [`${indent}broken: ${lost}`]),
    ...judgements.map(
      ({ exercised, property, reason, verdict }) =>
        `${indent}${property}  ${verdict}  exercised ${exercised}${reason === undefined ? "" : `  (${visible(reason)})`}`,
    ),
  ];
}
