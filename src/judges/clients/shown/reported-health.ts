/**
 * S3, by what nodes report: a node all of whose metrics are good has a higher health than one all of whose metrics are bad, however they are weighted. A system
 * that ranks by a health that heartbeats do not change is wrong, though its order agrees with what it shows.
 */
import type { Call, Millis, NodeContent } from "../../../check/history.ts";
import { inMs } from "../../../check/judgement.ts";
import { expectedHealth, knownOf } from "../../health/documented.ts";
import type { ClientCalls } from "../client-calls.ts";
import type { Contradictions } from "../contradictions.ts";

type Answer = Call & { readonly to: Millis };

/** Thousandths of health that each metric alone gives. They are so far apart that a health which is kept until a change is material differs, too. */
const limits = { good: 750, bad: 250 } as const;
/** Heartbeats of a node that are kept. */
const most = 64;

interface Beat {
  readonly seq: number;
  readonly from: Millis;
  readonly to: Millis;
  /** It was acknowledged; else it may have been taken, or may yet be. */
  readonly isTaken: boolean;
  readonly kind: keyof typeof limits | null;
}

/** The node with the lowest health of those that report well, or with the highest of those that do not. */
type Extreme = Pick<NodeContent, "node" | "health_milli">;

export class ReportedHealth {
  readonly #clients: ClientCalls;
  readonly #contradictions: Contradictions;
  readonly #beats = new Map<string, Beat[]>();
  readonly #extremes: { good?: Extreme; bad?: Extreme } = {};

  constructor(clients: ClientCalls, contradictions: Contradictions) {
    this.#clients = clients;
    this.#contradictions = contradictions;
  }

  returned({ from, metrics, node = "", op, outcome, reply, seq, to }: Answer): void {
    const isTaken = outcome === "ok" && reply === "renewed";
    if (op !== "heartbeat" || seq === undefined || (!isTaken && outcome !== "info")) return;
    const beats = this.#beats.get(node) ?? [];
    this.#beats.set(node, [...beats.slice(1 - most), { seq, from, to, isTaken, kind: kindOf(metrics) }]);
  }

  /** @param since the instance knows all that has been so since then */
  judge({ id, instance }: Answer, { health_milli, node }: NodeContent, since: Millis): void {
    const kind = this.#kindOf(node, since);
    if (kind === null) return;
    const own = { node, health_milli };
    const before = this.#extremes[kind] ?? own;
    const isFurther = kind === "good" ? health_milli <= before.health_milli : health_milli >= before.health_milli;
    if (isFurther) this.#extremes[kind] = own;
    const [good, bad] = kind === "good" ? [own, this.#extremes.bad] : [this.#extremes.good, own];
    if (good === undefined || bad === undefined) return;
    this.#contradictions.compared("S3");
    if (good.health_milli > bad.health_milli) return;
    const words = `node ${good.node} was shown with health ${good.health_milli} while all its metrics were good, allowed more than the ${bad.health_milli} of node ${bad.node} while all were bad`;
    this.#contradictions.found(
      "S3",
      [words, `instance ${instance} showed it with heartbeats since ${inMs(since)}`],
      [id],
    );
  }

  /** How all heartbeats that may have been in force since report; null: not alike, or not known. */
  #kindOf(node: string, since: Millis): Beat["kind"] {
    const known = this.#clients.known(node)?.node;
    const beats = this.#beats.get(node) ?? [];
    const first = beats.findLast(({ isTaken, to }) => isTaken && to < since);
    if (first === undefined || known === undefined || known.mayBeRenewed || !known.isQuietSince(first.from))
      return null;
    return beats.every(({ kind, seq }) => seq < first.seq || kind === first.kind) ? first.kind : null;
  }
}

/** Where each metric is known: what a system makes of others is its own affair. */
function kindOf(metrics: Call["metrics"] = {}): Beat["kind"] {
  const known = [...knownOf(metrics)];
  if (known.length === 0 || known.length < Object.keys(metrics).length) return null;
  const alone = known.map((metric) => expectedHealth(new Map([metric])));
  if (alone.every((health) => health >= limits.good)) return "good";
  return alone.every((health) => health <= limits.bad) ? "bad" : null;
}
