/**
 * Answers of an instance that nothing reaches Redis from (docs/modes.md): what they show was confirmed before the fault, and soon they say that it is stale;
 * what it held it holds yet; and its mode is not `normal`, and in time `local_only`.
 */
import type { Call, Millis } from "../../../check/history.ts";
import { inMs } from "../../../check/judgement.ts";
import { oldestConfirmed } from "../../answers/age.ts";
import type { FaultStep } from "../../event.ts";
import type { Case } from "../../judge.ts";
import type { ClientCalls } from "../client-calls.ts";
import type { Contradictions } from "../contradictions.ts";
import { type Contradiction, CutOff } from "../cut-off.ts";

type Answered = Call & { readonly to: Millis };
type TheCase = Pick<Case, "bounds" | "instances" | "scene" | "terms" | "timing">;

/** ms by which an age may be rounded, and by which the clocks of an instance and its client may differ. */
const slack: Millis = 2;

export class ReadsWithoutRedis {
  readonly #case: TheCase;
  readonly #clients: ClientCalls;
  readonly #contradictions: Contradictions;
  readonly #cutOff: CutOff;
  /** Instance and node -> when the last read was called that found it. */
  readonly #foundAt = new Map<string, Millis>();

  constructor(theCase: TheCase, clients: ClientCalls, contradictions: Contradictions) {
    this.#case = theCase;
    this.#clients = clients;
    this.#contradictions = contradictions;
    this.#cutOff = new CutOff(theCase.instances, contradictions);
  }

  fault(event: FaultStep): void {
    this.#cutOff.fault(event);
  }

  /** A read or a selection. */
  answered(call: Answered): void {
    this.#cutOff.answered(call, (cutAt) => this.#whyUntrue(call, cutAt));
    if (call.read?.found === true) this.#foundAt.set(keyOf(call), call.from);
  }

  #whyUntrue(call: Answered, cutAt: Millis): Contradiction | null {
    const { from, instance, node, op } = call;
    const subject = node === undefined ? "" : ` of node ${node}`;
    const asked = `${op}${subject} on instance ${instance}, ${inMs(from - cutAt)} after it was cut off from Redis, was answered`;
    return (
      this.#whyNormal(call, cutAt, asked) ??
      this.#whyConfirmed(call, cutAt, asked) ??
      this.#whyLost(call, cutAt, asked) ??
      this.#whyNotLocal(call, cutAt, asked)
    );
  }

  #whyNormal({ from, instance, read, reply, to }: Answered, cutAt: Millis, asked: string): Contradiction | null {
    const { bounds, scene, terms, timing } = this.#case;
    const allowed = 2 * Math.max(bounds.budget, terms.noticing ?? 0);
    if (from - cutAt - timing.kept(instance, cutAt, from) <= allowed || timing.wasAway(instance, cutAt, to))
      return null;
    if (scene.mode(instance) !== "normal") this.#contradictions.compared("D5");
    if ((read?.mode ?? reply) !== "normal") return null;
    return { properties: ["D5"], words: `${asked} in normal, allowed another mode from ${inMs(allowed)} on` };
  }

  #whyConfirmed({ from, instance, read }: Answered, cutAt: Millis, asked: string): Contradiction | null {
    if (read === undefined) return null;
    const { bounds, terms, timing } = this.#case;
    const silentFor = from - cutAt;
    if (read.age_ms >= 0 && read.age_ms < silentFor - slack)
      return untrue(`${asked} with age_ms ${inMs(read.age_ms)}, allowed ${inMs(silentFor)} or more`);
    if (read.source === "redis" && silentFor > slack)
      return { properties: ["D5"], words: `${asked} with source redis, allowed what it holds itself` };
    // The caches count as confirmed for their TTL.
    const noticed = Math.max(2 * bounds.budget, oldestConfirmed(read, 0, terms, bounds.budget));
    if (read.stale || silentFor <= noticed || silentFor - timing.kept(instance, cutAt, from) <= noticed) return null;
    return untrue(`${asked} as not stale, allowed stale from ${inMs(noticed)} on`);
  }

  /** In `l2_only` it answers from what it held: a node that it showed, and that was there as it was cut off. */
  #whyLost(call: Answered, cutAt: Millis, asked: string): Contradiction | null {
    const { from, instance, node = "", read, to } = call;
    const { scene, timing } = this.#case;
    const foundAt = this.#foundAt.get(keyOf(call));
    if (read === undefined || foundAt === undefined || scene.mode(instance) !== "l2_only") return null;
    if (timing.wasAway(instance, foundAt, to)) return null;
    const known = this.#clients.known(node)?.node;
    if (known === undefined || known.onlineUntil <= cutAt || !known.isQuietSince(foundAt)) return null;
    if (read.found) this.#contradictions.compared("D5");
    if (read.found) return null;
    return { properties: ["D5"], words: `${asked} as missing, allowed as it was found ${inMs(from - foundAt)} before` };
  }

  /** It looks before each probe, which may take as long as a read. */
  #whyNotLocal({ from, instance, to }: Answered, cutAt: Millis, asked: string): Contradiction | null {
    const { bounds, scene, terms, timing } = this.#case;
    const allowed = (terms.localOnlyBy ?? Number.POSITIVE_INFINITY) + 2 * bounds.budget;
    if (from - cutAt - timing.kept(instance, cutAt, from) <= allowed || timing.wasAway(instance, cutAt, to))
      return null;
    const mode = scene.mode(instance);
    if (mode === "local_only") this.#contradictions.compared("D5");
    if (mode !== "l2_only") return null;
    return { properties: ["D5"], words: `${asked} in l2_only, allowed local_only from ${inMs(allowed)} on` };
  }
}

function keyOf({ instance, node }: Call): string {
  return `${instance} ${node}`;
}

function untrue(words: string): Contradiction {
  return { properties: ["V2", "D5"], words };
}
