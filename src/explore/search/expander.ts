/** From one state to all its successors: a machine's actions, compiled together with the codec of its schema. */
import type { Domain } from "../../../model/language/domain.ts";
import type { Action, Machine, Parameter } from "../../../model/language/machine.ts";
import { Source } from "../../../model/language/source.ts";
import { type Layout, layOut, slotsOf } from "./layout.ts";
import { combine, extract, type Packing, pack } from "./packing.ts";

/** A packed state comes as its words, signed 32-bit integers. @returns nothing that is looked at */
export type Emit = (...words: readonly number[]) => void;

export interface Expander extends Layout {
  readonly packing: Packing;
  /** The most successors that a state can have. */
  readonly mostSuccessors: number;
  /** The words of the first state. */
  initial(): readonly number[];
  /** Fills the draft from the words at `offset`. */
  load(words: Int32Array, offset: number): void;
  /** Emits every successor of the state at `offset`, in an order that depends on the state alone. The draft is then that state again. */
  expand(words: Int32Array, offset: number): void;
  /** The step that is being taken, while its successor is emitted. Only where requested. */
  readonly step: Step;
}

export interface Step {
  /** Its place among the machine's actions. */
  action: number;
  args: readonly unknown[];
  /** The arguments as codes of their domains. */
  codes: readonly number[];
}

export interface ExpanderOptions {
  readonly emit: Emit;
  /** Whether `step` says what is being emitted; it costs a little. */
  readonly isTraced?: boolean;
  /** Whether each `when` is watched: it may not change the draft. */
  readonly isWatched?: boolean;
}

/** @throws OutsideSchema from `expand` where an action leaves the schema; and whatever the model throws */
export function compileExpander(
  machine: Machine,
  { emit, isTraced = false, isWatched = false }: ExpanderOptions,
): Expander {
  const layout = layOut(machine.schema);
  const packing = pack(slotsOf(layout));
  const step: Step = { action: -1, args: [], codes: [] };
  const source = new Source();
  const traced = isTraced ? source.constant(step) : null;
  const writer: Writer = { machine, layout, packing, source, step: traced, isWatched };
  writePack(writer, "pack", (words) => `return [${words.join(", ")}];`);
  writeUnpack(writer);
  writeExpand(writer, source.constant(emit));
  source.line("return { pack, load, expand };");
  const made = source.run() as Pick<Expander, "load" | "expand"> & { pack(): readonly number[] };
  return {
    ...layout,
    packing,
    step,
    load: made.load,
    expand: made.expand,
    mostSuccessors: machine.actions.reduce((sum, { over }) => sum + over.reduce((n, each) => n * mostOf(each), 1), 0),
    initial() {
      made.load(new Int32Array(packing.words), 0);
      machine.initial(layout.draft as never);
      machine.normal?.(layout.draft as never);
      return made.pack();
    },
  };
}

interface Writer {
  readonly machine: Machine;
  readonly layout: Layout;
  readonly packing: Packing;
  readonly source: Source;
  readonly step: string | null;
  readonly isWatched: boolean;
}

function mostOf(parameter: Parameter): number {
  return "container" in parameter ? parameter.most : parameter.size;
}

/** Statements that pack the draft. @returns one expression a word */
function packed({ layout, packing, source }: Writer): readonly string[] {
  const codes = layout.parts.flatMap((part) => part.read(source));
  return Array.from({ length: packing.words }, (_, word) => {
    const own = packing.fields.flatMap((field, slot) =>
      field.word === word ? [[codes[slot] ?? "0", field] as const] : [],
    );
    return `(${combine(own)}) | 0`;
  });
}

function writeNormal({ machine, layout, source }: Writer): void {
  if (machine.normal !== undefined)
    source.line(`${source.constant(machine.normal)}(${source.constant(layout.draft)});`);
}

function writePack(writer: Writer, name: string, use: (words: readonly string[]) => string): void {
  writer.source.block(`function ${name}()`, () => writer.source.line(use(packed(writer))));
}

/** `fill(w0, w1, …)` fills the draft; `load` and `expand` call it. */
function writeUnpack({ layout, packing, source }: Writer): void {
  const words = wordNames(packing);
  source.block(`function fill(${words.join(", ")})`, () => {
    let slot = 0;
    for (const part of layout.parts) {
      const codes = part.slots.map(() => {
        const field = packing.fields[slot];
        slot += 1;
        return field === undefined ? "0" : extract(field, words[field.word] ?? "");
      });
      part.write(codes, source);
    }
  });
  source.block("function load(words, offset)", () =>
    source.line(`fill(${words.map((_, index) => `words[offset + ${index}]`).join(", ")});`),
  );
}

function wordNames({ words }: Packing): readonly string[] {
  return Array.from({ length: words }, (_, index) => `w${index}`);
}

function writeExpand(writer: Writer, emit: string): void {
  const { machine, layout, packing, source } = writer;
  const overfull = layout.sets.map(([, set]) => `${source.constant(set)}.isOverfull`);
  source.block("function finish()", () => {
    for (const flag of overfull)
      source.line(`if (${flag}) { ${overfull.map((each) => `${each} = false;`).join(" ")} return; }`);
    writeNormal(writer);
    source.line(`${emit}(${packed(writer).join(", ")});`);
  });
  source.block("function giveUp()", () => source.line(overfull.map((flag) => `${flag} = false;`).join(" ")));
  source.block("function expand(words, offset)", () => {
    const words = wordNames(packing);
    words.forEach((word, index) => {
      source.line(`const ${word} = words[offset + ${index}];`);
    });
    const refill = `fill(${words.join(", ")});`;
    source.line(refill);
    for (const [index, action] of machine.actions.entries()) writeAction(writer, action, index, refill);
  });
}

/** Loops over all choices of arguments; each action has call sites of its own, which the engine can inline. */
function writeAction(writer: Writer, action: Action, index: number, refill: string): void {
  const { layout, source, step } = writer;
  const draft = source.constant(layout.draft);
  const args: string[] = [];
  const codes: string[] = [];
  const loop = (depth: number): void => {
    const parameter = action.over[depth];
    if (parameter === undefined) {
      const given = [draft, ...args].join(", ");
      if (step !== null) {
        source.line(
          `${step}.action = ${index}; ${step}.args = [${args.join(", ")}]; ${step}.codes = [${codes.join(", ")}];`,
        );
      }
      const condition = action.when === undefined ? "true" : `${source.constant(action.when)}(${given})`;
      source.line(`const enabled${index} = ${condition};`);
      if (writer.isWatched) {
        const isSame = packed(writer)
          .map((word, at) => `(${word}) === w${at}`)
          .join(" && ");
        source.line(`if (!(${isSame})) throw new TypeError("its when changes the state");`);
      }
      source.block(`if (enabled${index})`, () => {
        source.line(`if (${source.constant(action.next)}(${given})) finish(); else giveUp();`);
        source.line(refill);
      });
      return;
    }
    const counter = `i${depth}`;
    const { count, value, code } = rangeOf(writer, parameter, counter, action.name);
    source.block(`for (let ${counter} = 0; ${counter} < ${count}; ${counter} += 1)`, () => {
      args[depth] = source.local(value);
      codes[depth] = code;
      loop(depth + 1);
    });
    args.length = depth;
    codes.length = depth;
  };
  source.block("", () => loop(0));
}

function rangeOf(
  { layout, source }: Writer,
  parameter: Parameter,
  counter: string,
  action: string,
): { count: string; value: string; code: string } {
  if (!("container" in parameter)) {
    return {
      count: String((parameter as Domain<unknown>).size),
      value: parameter.writeValue(counter, source),
      code: counter,
    };
  }
  const [set, ...more] = layout.sets.filter(([schema]) => schema === parameter).map(([, draft]) => draft);
  if (set === undefined || more.length > 0) {
    throw new TypeError(
      `action ${action} ranges over a set in flight that is ${set ? "several parts" : "no part"} of the state`,
    );
  }
  return {
    count: `${source.constant(set)}.size`,
    value: `${source.constant(set)}.at(${counter})`,
    code: `${source.constant(set.codes)}[${counter}]`,
  };
}
