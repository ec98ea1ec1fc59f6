/**
 * The servers' clock as scripts see it. The clock of a Redis cannot be set; but a script reads it at most once, and uses the time that its caller
 * gives instead (`now_ms`, the first argument of every script). So the hop on a call's way inserts the time that a server would read after the jump.
 * docs/faults.md says what a jump does not move.
 */
import type { Millis } from "../../check/history.ts";
import type { ScriptName } from "../../redis/scripts/contract.ts";
import { loadScripts } from "../../redis/scripts/scripts.ts";
import { withPart } from "./resp.ts";

/** Scripts that read the clock; the others ignore the argument. */
const readers: ReadonlySet<ScriptName> = new Set([
  ...(["register_node", "heartbeat", "offline_node", "reserve_job", "complete_job", "group", "sweep"] as const),
]);

export class ServerClock {
  readonly #byName: ReadonlyMap<string, ScriptName>;
  /** How far it is ahead of the machine's; below 0: behind. */
  #ahead: Millis = 0;
  /** Per hop: how many calls that read the clock have passed it. */
  readonly #readings = new Map<object, number>();
  /** Per hop: how far ahead the time was that the last call carried. */
  readonly #aheadAt = new Map<object, Millis>();

  constructor() {
    const scripts = Object.values(loadScripts().scripts);
    this.#byName = new Map(
      scripts.flatMap(({ name, sha, source }) => [
        [`evalsha ${sha}`, name],
        [`eval ${source}`, name],
      ]),
    );
  }

  /** Forward or, below 0, back: for every call that passes from now on. */
  jump(by: Millis): void {
    this.#ahead += by;
  }

  /** How many calls that read the clock have passed the hop. */
  readingsAt(hop: object): number {
    return this.#readings.get(hop) ?? 0;
  }

  /** How far ahead of the machine's clock the time was that the last call through the hop carried; 0: it carried none. */
  aheadAt(hop: object): Millis {
    return this.#aheadAt.get(hop) ?? 0;
  }

  /** @param hop which the call passes @returns the call as the hop forwards it */
  stamp(hop: object, raw: Buffer, request: readonly string[]): Buffer {
    const [command = "", body = ""] = request;
    const script = this.#byName.get(`${command.toLowerCase()} ${body}`);
    if (script === undefined) return raw;
    if (readers.has(script)) this.#readings.set(hop, this.readingsAt(hop) + 1);
    if (this.#ahead === 0) {
      this.#aheadAt.delete(hop);
      return raw;
    }
    const position = 3 + Number(request[2]);
    const given = request[position];
    if (given === undefined) return raw; // Redis will refuse it
    const now = (given === "" ? Date.now() : Number(given)) + this.#ahead;
    this.#aheadAt.set(hop, now - Date.now());
    return withPart(raw, position, String(Math.max(0, Math.round(now))));
  }
}
