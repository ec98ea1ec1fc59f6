/** Ways to bend the recorded history of a real run, or to take lines away. */
import type { HistoryEvent } from "../../../src/check/history.ts";
import type { Observation } from "../../../src/check/observed/observation.ts";

type Head = { readonly kind: "trial"; readonly [field: string]: unknown };
type Begun = Omit<Extract<HistoryEvent, { kind: "call" }>, "kind" | "to" | "outcome" | "reply"> & { kind: "begun" };
export type Line = Head | Begun | HistoryEvent | Observation;
export type LineOf<Kind extends Line["kind"]> = Extract<Line, { readonly kind: Kind }>;

/** The answer that `check` owes. `open`: not held, with such a reason unless it is violated. `informative`: held, since no judge reads it. */
export type Answer =
  | { readonly violated: string }
  | { readonly open: RegExp }
  | { readonly refused: RegExp }
  | { readonly informative: string };

type Change = (lines: readonly Line[]) => readonly Line[];
export type Lie = readonly [name: string, change: Change, answer: Answer];

type Which<Kind extends Line["kind"]> = (line: LineOf<Kind>) => boolean;
type Parts<Kind extends Line["kind"]> = (line: LineOf<Kind>) => object | null;

/** Numbers the calls that are left, as if there had been no others. */
export const counted: Change = (lines) => {
  const ids = new Map<number, number>();
  for (const line of lines) if (line.kind === "begun") ids.set(line.id, ids.size + 1);
  return lines.map((line) => {
    if (line.kind === "begun" || line.kind === "call") return { ...line, id: ids.get(line.id) ?? 0 };
    return line.kind === "phase" && line.calls !== undefined ? { ...line, calls: ids.size } : line;
  });
};

/** The counts at the end are those of the lines that are left. */
export const recounted: Change = (lines) => {
  const observations = lines.filter(({ kind }) => kind === "entry" || kind === "dump").length;
  return lines.map((line) => (line.kind === "phase" && line.name === "end" ? { ...line, observations } : line));
};

export function without(isLeft: (line: Line) => boolean): Change {
  return (lines) =>
    some(
      lines.filter((line) => !isLeft(line)),
      lines,
    );
}

/** Without those of a kind. */
export function withoutKind<Kind extends Line["kind"]>(kind: Kind, which: Which<Kind> = () => true): Change {
  return without((line) => isOf(line, kind) && which(line));
}

/** Without the last one. */
export function withoutLast<Kind extends Line["kind"]>(kind: Kind): Change {
  return (lines) => {
    const last = lines.findLast((line) => line.kind === kind);
    return without((line) => line === last)(lines);
  };
}

/** Without one of them in the middle of the run. */
export function withoutOne<Kind extends Line["kind"]>(kind: Kind, which: Which<Kind> = () => true): Change {
  return (lines) => {
    const one = middle(lines, kind, which);
    return without((line) => line === one)(lines);
  };
}

/** Changes one of them in the middle of the run; a call and its beginning agree. */
export function edit<Kind extends Line["kind"]>(kind: Kind, which: Which<Kind>, change: Parts<Kind>): Change {
  return (lines) => {
    const one = middle(lines, kind, which);
    return editLine(lines, one, change(one));
  };
}

/** Changes all of them that `change` has something for. */
export function editAll<Kind extends Line["kind"]>(kind: Kind, change: Parts<Kind>): Change {
  return (lines) =>
    some(
      lines.map((line) => (isOf(line, kind) ? { ...line, ...change(line) } : line)),
      lines,
    );
}

export function editHead(change: (head: Head) => object): Change {
  return (lines) => editLine(lines, lines[0] as Head, change(lines[0] as Head));
}

/** Adds lines after the one in the middle. */
export function addAfter<Kind extends Line["kind"]>(
  kind: Kind,
  which: Which<Kind>,
  added: (line: LineOf<Kind>) => readonly object[],
): Change {
  return (lines) => {
    const one = middle(lines, kind, which);
    return lines.flatMap((line) => (line === one ? [line, ...(added(one) as readonly Line[])] : [line]));
  };
}

export function both(first: Change, second: Change): Change {
  return (lines) => second(first(lines));
}

function editLine(lines: readonly Line[], one: Line, parts: object | null): readonly Line[] {
  if (parts === null) throw new Error("there is nothing to bend");
  return lines.map((line) => {
    if (line === one) return { ...line, ...parts } as Line;
    const isBeginning = one.kind === "call" && line.kind === "begun" && line.id === one.id;
    if (!isBeginning) return line;
    const asked = Object.entries(parts).filter(([field]) => field in line);
    return { ...line, ...Object.fromEntries(asked) } as Line;
  });
}

function middle<Kind extends Line["kind"]>(lines: readonly Line[], kind: Kind, which: Which<Kind>): LineOf<Kind> {
  const own = lines.filter((line): line is LineOf<Kind> => isOf(line, kind) && which(line));
  const one = own[Math.floor(own.length / 2)];
  if (one === undefined) throw new Error(`there is no such ${kind}`);
  return one;
}

function isOf<Kind extends Line["kind"]>(line: Line, kind: Kind): line is LineOf<Kind> {
  return line.kind === kind;
}

function some(changed: readonly Line[], lines: readonly Line[]): readonly Line[] {
  if (changed.length === lines.length && changed.every((line, index) => line === lines[index]))
    throw new Error("there is nothing to bend");
  return changed;
}
