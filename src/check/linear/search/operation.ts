/** The input and the answers of the judges of linearizability. */

/** One operation on one object, as its client saw it. Times are of one clock; the interval is closed, so operations that touch overlap. */
export interface Operation<Input, Output> {
  /** Unique in its history: for evidence. */
  readonly id: number;
  readonly input: Input;
  readonly call: number;
  /** Infinity where no reply was seen. */
  readonly returned: number;
  /**
   * `ok`: it took effect once, between call and return, and gave `output`. `fail`: it certainly did not happen.
   * `info`: no reply was seen; it took effect once at any time after its call, also after the end, or never.
   */
  readonly outcome: "ok" | "fail" | "info";
  /** null where the outcome is not `ok`. */
  readonly output: Output | null;
}

/** An object that does one operation after another. States are values: never changed, only replaced. */
export interface SequentialObject<State, Input, Output> {
  readonly initial: State;
  /**
   * The state after `input`, or null where its reply in this state is not `output`; with `output` null any reply will do.
   * Returns `state` itself where nothing changes.
   * @param until it has taken effect by then
   */
  next(state: State, input: Input, output: Output | null, until: number): State | null;
  /**
   * Absent: the object changes by operations alone. Else the states to which it may have gone by itself, in one step, before this operation.
   * A change may be left out where the operation and the change have the same effect in either order.
   * @param until it has done so by then
   */
  moves?(state: State, input: Input, output: Output | null, until: number): readonly State[];
  /** With this reply it changes nothing, in whatever state. */
  isRead(input: Input, output: Output): boolean;
  /** Whether all that can follow `b` can follow `a` too, as for equal states. */
  covers(a: State, b: State): boolean;
  /** 32 bits; equal for states of which one covers the other. */
  hash(state: State): number;
  describe(state: State): string;
  say(operation: Operation<Input, Output>): string;
}

/** Why a history is impossible, in words. */
export interface Impossible {
  /** The first operation that has no order up to its return which explains the observations. */
  readonly first: string;
  /** How many operations the shortest impossible prefix has: all that were called before the first one returned. */
  readonly prefix: number;
  /** Called and not returned by then, or never: what could have been in between. */
  readonly pending: readonly string[];
  /** The states that were possible until then. */
  readonly states: readonly string[];
}

export type Ruling =
  | { readonly verdict: "held" }
  | { readonly verdict: "violated"; readonly impossible: Impossible }
  | { readonly verdict: "unknown"; readonly reason: string };

/** The resources that a search may use before it says `unknown`. */
export interface Limits {
  /** Configurations kept at a time. */
  readonly configurations: number;
  /** Asked every few thousand configurations. */
  outOfTime(): boolean;
}

/** More than this many lines of a kind are only counted. */
const mostLines = 12;

export function fewLines(lines: readonly string[]): readonly string[] {
  const rest = lines.length - mostLines;
  return rest <= 0 ? lines : [...lines.slice(0, mostLines), `and ${rest} more`];
}
