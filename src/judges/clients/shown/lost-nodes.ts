/**
 * V2 and N2 of a node that the store has lost with its data. A write is answered that there is no such node, and so is a later one, and no client has
 * registered it since: in between it was not there, and an instance that confirms it or selects it goes on with what was lost. One answer alone decides
 * nothing, since instances may restore the node from what they remember.
 */
import type { Millis } from "../../../check/history.ts";
import { inMs } from "../../../check/judgement.ts";
import type { Case } from "../../judge.ts";
import type { Blame } from "../../timing.ts";
import type { Contradictions } from "../contradictions.ts";
import type { Answered, KnownNode } from "../known-node.ts";

/** Answers to writes that say that the node is not there, or that it is. Others say neither. */
const absent: ReadonlySet<string> = new Set(["not_online", "unknown_node"]);
const present: ReadonlySet<string> = new Set("registered renewed offline reserved already full completed".split(" "));

/** ms by which an age may be rounded, and by which the clocks of an instance and its client may differ. */
const slack: Millis = 2;

interface Claim {
  readonly property: "V2" | "N2";
  readonly blame: Blame;
  readonly words: string;
  readonly call: Pick<Answered, "id" | "to">;
}

interface Lost {
  /** When the first call was made that did not find the node, and when it was answered. */
  readonly from: Millis;
  readonly since: Millis;
  /** Answers since that show it as online. */
  claims: Claim[];
}

export class LostNodes {
  readonly #case: Pick<Case, "bounds" | "scene" | "timing">;
  readonly #contradictions: Contradictions;
  readonly #lost = new Map<string, Lost>();
  /** When the last call was made that was acknowledged to begin the time of the node anew. */
  readonly #renewedAt = new Map<string, Millis>();

  constructor(theCase: Pick<Case, "bounds" | "scene" | "timing">, contradictions: Contradictions) {
    this.#case = theCase;
    this.#contradictions = contradictions;
  }

  written(call: Answered, known: KnownNode): void {
    const { from, node = "", reply, to } = call;
    if (reply === "registered" || reply === "renewed") this.#renewedAt.set(node, from);
    if (present.has(reply)) this.#lost.delete(node);
    if (!absent.has(reply)) return;
    // By its goodbye, or at the end of its time, it has gone in order.
    const endsAt = (this.#renewedAt.get(node) ?? Number.NEGATIVE_INFINITY) + known.leastTtl;
    if (known.goneSince !== null || to >= endsAt || !known.isQuietSince(from)) return;
    const before = this.#lost.get(node);
    const isSame = before !== undefined && known.isQuietSince(before.from) && known.forgottenAt < before.from;
    if (!isSame) this.#lost.set(node, { from, since: to, claims: [] });
    else this.#stillLost(before, call);
  }

  #stillLost(lost: Lost, { from, op, reply }: Answered): void {
    const between = `which was answered ${reply} at ${inMs(lost.since)}, and again by ${op} at ${inMs(from)}`;
    for (const { blame, call, property, words } of lost.claims)
      if (call.to < from) this.#contradictions.late({ property, blame }, [`${words}, ${between}`], [call.id]);
    lost.claims = [];
  }

  /** A read showed the node as online. */
  read({ from, node = "", read, ...call }: Answered): void {
    const lost = this.#lost.get(node);
    if (lost === undefined || read === undefined || read.age_ms < 0) return;
    if (from - read.age_ms - slack <= lost.since) return;
    const words = `node ${node} was shown with status online of ${inMs(read.age_ms)} before, allowed none`;
    lost.claims.push({ property: "V2", blame: "instance", words, call });
  }

  /** In `normal`, and without a fault on the instance since. */
  selected({ from, id, instance, reply, to }: Answered, name: string): void {
    const { bounds, scene, timing } = this.#case;
    const lost = this.#lost.get(name);
    if (lost === undefined || reply !== "normal") return;
    const { since } = lost;
    const late = from - since - bounds.staleness;
    if (late <= 0 || scene.wasTroubled(instance, since) || timing.wasAway(instance, since, to)) return;
    const blame = timing.blame(late, since, from, instance);
    const words = `instance ${instance} selected node ${name} ${inMs(from - since)} after it was answered to be gone, allowed ${inMs(bounds.staleness)}`;
    lost.claims.push({ property: "N2", blame, words, call: { id, to } });
  }
}
