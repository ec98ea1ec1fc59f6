/** A history as a search by the window goes through it: in columns, with what is the same in many calls only once. */
import type { Operation, SequentialObject } from "./operation.ts";

/** The request of a call, and its answer. */
export interface Act<Input, Output> {
  readonly input: Input;
  /** null: it was not answered. */
  readonly output: Output | null;
  /** By its reply it changes nothing, in whatever state. */
  readonly isRead: boolean;
}

export interface SeenCalls<Input, Output> {
  readonly size: number;
  readonly call: Float64Array;
  /** Infinity where no reply was seen. */
  readonly returned: Float64Array;
  /** Returns the act of a call; acts that are alike may be the same object. */
  act(number: number): Act<Input, Output>;
  /** For messages. */
  operation(number: number): Operation<Input, Output>;
}

/** Operations that failed did not happen, and are left out. */
export function seenCallsOf<State, Input, Output>(
  object: SequentialObject<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
): SeenCalls<Input, Output> {
  const happened = history.filter(({ outcome }) => outcome !== "fail");
  const acts = happened.map(({ input, output }) => {
    return { input, output, isRead: output !== null && object.isRead(input, output) };
  });
  return {
    size: happened.length,
    call: Float64Array.from(happened, ({ call }) => call),
    returned: Float64Array.from(happened, ({ outcome, returned }) =>
      outcome === "ok" ? returned : Number.POSITIVE_INFINITY,
    ),
    act: (number) => acts[number] as Act<Input, Output>,
    operation: (number) => happened[number] as Operation<Input, Output>,
  };
}
