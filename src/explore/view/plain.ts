/** The view of a model that has none of its own: a lane for each field of its state, its content, and steps by their names. */
import type { Machine } from "../../../model/language/machine.ts";
import type { Lane, LaneState } from "../../evidence/timeline.ts";
import type { ModelView } from "./model-view.ts";
import { fieldTexts } from "./state-text.ts";

/** More would not fit beside each other: what is left shares the last one. */
const mostLanes = 8;

export function plainView({ schema }: Machine): ModelView<unknown> {
  const things = Object.entries(schema.fields).flatMap(([name, field]) =>
    "container" in field && field.container === "map" ? field.keys.all.map((key) => `${name}.${key}`) : [name],
  );
  const lanes = things.slice(0, mostLanes).map((id): Lane => ({ id, name: id, kind: "model" }));
  const laneFor = (field: string): string | undefined =>
    (lanes.find(({ id }) => field === id || field.startsWith(`${id}.`)) ?? lanes.at(-1))?.id;
  const holds = (state: unknown): readonly LaneState[] => {
    const fields = [...fieldTexts(schema, state)];
    return lanes.map(({ id }) => ({
      lane: id,
      lines: fields
        .filter(([field]) => laneFor(field) === id)
        .map(([field, value]) => `${field} ${typeof value === "string" ? value : `{${value.join(", ")}}`}`),
    }));
  };
  return {
    lanes,
    holds,
    inFlight: () => [],
    act({ action, args }, before, after) {
      const was = holds(before);
      const changed = holds(after).find(({ lines }, index) => String(lines) !== String(was[index]?.lines));
      const words = `${action}(${args.map((arg) => JSON.stringify(arg)).join(", ")})`;
      return { lane: changed?.lane ?? lanes[0]?.id ?? "", kind: "step", words, takes: [], ends: "arrived", within: [] };
    },
  };
}
