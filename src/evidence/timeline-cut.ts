/** Shortens a timeline to its end, where the property breaks. */
import { type PointOfNoReturn, statesAfter, type Timeline } from "./timeline.ts";

/** @param most events to keep, 1 and more */
export function cutTimeline(timeline: Timeline, most: number): Timeline {
  const cut = timeline.events.length - most;
  if (cut <= 0) return timeline;
  const { events, messages, spans, loop, broken, pointOfNoReturn: point, omitted } = timeline;
  const place = (event: number): number => Math.max(-1, event - cut);
  const stays = (event: number | null): boolean => event === null || event >= cut;
  const end = (event: number | null): number | null => (event === null ? null : event - cut);
  const kept = {
    events: events.slice(cut),
    messages: messages
      .filter(({ ended }) => stays(ended))
      .map((each) => ({ ...each, sent: place(each.sent), ended: end(each.ended) })),
    spans: spans.filter(({ to }) => stays(to)).map((each) => ({ ...each, from: place(each.from), to: end(each.to) })),
  };
  const lanes = used(timeline, kept);
  const isIn = (id: string): boolean => lanes.some((lane) => lane.id === id);
  return {
    ...timeline,
    ...kept,
    lanes,
    before: [...statesAfter(timeline, cut - 1)]
      .filter(([lane]) => isIn(lane))
      .map(([lane, lines]) => ({ lane, lines })),
    loop: loop?.kind === "round" ? { kind: "round", from: Math.max(0, loop.from - cut) } : loop,
    broken: broken === null || broken < cut ? null : broken - cut,
    pointOfNoReturn: cutPoint(point, cut),
    omitted: {
      count: cut + (omitted?.count ?? 0),
      where: omitted === null ? "before the first" : `before the first, and ${omitted.where}`,
    },
  };
}

/** The lanes that are still used, and the stores. */
function used(
  { lanes }: Timeline,
  { events, messages, spans }: Pick<Timeline, "events" | "messages" | "spans">,
): Timeline["lanes"] {
  const usedIds = new Set([
    ...events.flatMap(({ lane, holds }) => [lane, ...holds.map((each) => each.lane)]),
    ...messages.flatMap(({ from, to }) => [from, to]),
    ...spans.map(({ lane }) => lane),
  ]);
  return lanes.filter(({ id, kind }) => kind === "store" || usedIds.has(id));
}

/** Where the event itself is cut off, the reason says so. */
function cutPoint(point: PointOfNoReturn, cut: number): PointOfNoReturn {
  switch (point.kind) {
    case "inevitable":
      if (point.after < 0 || point.after >= cut) return { ...point, after: Math.max(-1, point.after - cut) };
      return {
        ...point,
        after: -1,
        why: `${point.why} (that was ${cut - point.after} events before the first one here)`,
      };
    case "parted":
      if (point.at >= cut) return { ...point, at: point.at - cut };
      return { ...point, at: 0, why: `${point.why} (that was ${cut - point.at} events before the first one here)` };
    case "open":
    case "not_computed":
      return point;
  }
}
