/**
 * The servers' clock, as scripts are told of it. A Redis's own clock cannot be set; but a script reads it once at most, and takes another's word
 * for the time where its caller gives one (`now_ms`, the first argument of every script). So each call is given, on the hop that it passes, the
 * time that a server whose clock has jumped would read. What is not moved is in docs/faults.md.
 */
import type { Millis } from "../../check/history.ts";
import type { ScriptName } from "../../redis/scripts/contract.ts";
import { loadScripts } from "../../redis/scripts/scripts.ts";
import { withPart } from "./resp.ts";

/** Those that ask what time it is; to the others the argument means nothing. */
const readers: ReadonlySet<ScriptName> = new Set([
  ...(["register_node", "heartbeat", "offline_node", "reserve_job", "complete_job", "sweep"] as const),
]);

export class ServerClock {
  readonly #byName: ReadonlyMap<string, ScriptName>;
  /** How far it is ahead of the machine's; below 0: behind. */
  #ahead: Millis = 0;
  /** Of each passer-by: how many of its calls have read the clock. */
  readonly #readings = new Map<object, number>();
  readonly #told = new Map<object, Millis>();

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

  /** How many calls that read the clock have passed there. */
  readingsAt(place: object): number {
    return this.#readings.get(place) ?? 0;
  }

  /** How far ahead of the machine's clock the time was that the last call which passed there was told; 0: it was told none. */
  toldAt(place: object): Millis {
    return this.#told.get(place) ?? 0;
  }

  /** @param place whom the call passes @returns the call as it is to go on */
  stamp(place: object, raw: Buffer, request: readonly string[]): Buffer {
    const [command = "", body = ""] = request;
    const script = this.#byName.get(`${command.toLowerCase()} ${body}`);
    if (script === undefined) return raw;
    if (readers.has(script)) this.#readings.set(place, this.readingsAt(place) + 1);
    if (this.#ahead === 0) {
      this.#told.delete(place);
      return raw;
    }
    const position = 3 + Number(request[2]);
    const given = request[position];
    if (given === undefined) return raw; // Redis will refuse it
    const now = (given === "" ? Date.now() : Number(given)) + this.#ahead;
    this.#told.set(place, now - Date.now());
    return withPart(raw, position, String(Math.max(0, Math.round(now))));
  }
}
