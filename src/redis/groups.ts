/**
 * Calls that are asked for in one turn of the event loop, for one partition, go to the server as one. Each reply is its caller's own, an error as well;
 * if the one call ends without an answer, none of them has one.
 */
import { canBeGrouped, groupCall, groupsOf, repliesOf } from "./scripts/group.ts";
import type { ScriptCall } from "./scripts/wire.ts";

interface Waiting {
  readonly call: ScriptCall;
  readonly resolve: (raw: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class Groups {
  readonly #send: (call: ScriptCall) => Promise<unknown>;
  /** By the partition's first key, in the order in which they were asked. */
  #waiting = new Map<string, Waiting[]>();

  /** @param send one call; rejects with an error reply */
  constructor(send: (call: ScriptCall) => Promise<unknown>) {
    this.#send = send;
  }

  /** As `send`, at the end of this turn where the call can be grouped. */
  send(call: ScriptCall): Promise<unknown> {
    if (!canBeGrouped(call)) return this.#send(call);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    if (this.#waiting.size === 0) process.nextTick(() => this.#end());
    const [partition = ""] = call.keys;
    const waiting = this.#waiting.get(partition);
    if (waiting === undefined) this.#waiting.set(partition, [{ call, resolve, reject }]);
    else waiting.push({ call, resolve, reject });
    return promise;
  }

  #end(): void {
    const all = this.#waiting;
    this.#waiting = new Map();
    for (const waiting of all.values()) for (const group of groupsOf(waiting)) this.#sendGroup(group);
  }

  #sendGroup(group: readonly Waiting[]): void {
    const [first] = group;
    if (first !== undefined && group.length === 1) {
      this.#send(first.call).then(first.resolve, first.reject);
      return;
    }
    const sent = this.#send(groupCall(group.map(({ call }) => call)));
    sent
      .then((raw) => {
        for (const [index, reply] of repliesOf(raw, group.length).entries()) {
          if (reply instanceof Error) group[index]?.reject(reply);
          else group[index]?.resolve(reply);
        }
      })
      .catch((error: unknown) => {
        for (const { reject } of group) reject(error);
      });
  }
}
