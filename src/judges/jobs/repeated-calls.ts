/**
 * Job operations that were made again after a reply was lost, as far as clients can tell: a reply that was withheld by a fault, and a call that timed out
 * and, as its repetition shows, had run. Only of jobs that the store has changed at all.
 */
import type { Call, Millis } from "../../check/history.ts";
import type { JudgeEvent } from "../event.ts";
import type { Case } from "../judge.ts";

interface Place {
  readonly node: string;
  readonly job: string;
}

/** A reply that never came, though the store had run the script. */
interface Loss extends Place {
  readonly script: string;
  readonly at: Millis;
  isRepeated: boolean;
}

/** A call that timed out. */
interface TimedOut extends Place {
  readonly op: string;
  readonly until: Millis;
  /** Whether the next such call that was answered got the reply of a second run; null: there has been none. */
  isEcho: boolean | null;
}

const scripts: ReadonlySet<string> = new Set(["reserve_job", "complete_job", "release_job"]);
const made: ReadonlySet<string> = new Set(["reserved", "completed", "released"]);

export class RepeatedCalls {
  readonly #case: Pick<Case, "partitions" | "truth">;
  /** By node and job. */
  readonly #losses = new Map<string, Loss[]>();
  readonly #timedOut = new Map<string, TimedOut[]>();

  constructor(theCase: Pick<Case, "partitions" | "truth">) {
    this.#case = theCase;
  }

  on(event: JudgeEvent): void {
    if (event.kind === "lost_reply") {
      const { at, job, node, script } = event;
      if (scripts.has(script)) append(this.#losses, { script, node, job, at, isRepeated: false });
    } else if (event.kind === "resolved") {
      // The instance itself has asked again.
      for (const loss of this.#losses.get(keyOf(event)) ?? []) loss.isRepeated = true;
    } else if (event.kind === "returned") this.#returned(event.call);
  }

  /** Once, at the end. */
  count(): number {
    const losses = [...this.#losses.values()].flat();
    const known = new Set(losses.map((loss) => `${loss.script} ${keyOf(loss)}`));
    const repeated = [
      ...losses.filter(({ isRepeated }) => isRepeated),
      ...[...this.#timedOut.values()].flat().filter((one) => one.isEcho && !known.has(`${one.op} ${keyOf(one)}`)),
    ];
    return repeated.filter((place) => this.#isChanged(place)).length;
  }

  #returned({ from, job, node, op, outcome, reply, to }: Call): void {
    if (node === undefined || job === undefined || (!scripts.has(op) && op !== "dispatch")) return;
    if (outcome === "info" && to !== null) append(this.#timedOut, { op, node, job, until: to, isEcho: null });
    if (outcome !== "ok" || this.#losses.size + this.#timedOut.size === 0) return;
    const key = keyOf({ node, job });
    for (const loss of this.#losses.get(key) ?? []) {
      const isSame = op === loss.script || (op === "dispatch" && loss.script === "reserve_job");
      if (isSame && from >= loss.at) loss.isRepeated = true;
    }
    for (const one of this.#timedOut.get(key) ?? []) {
      if (one.op === op && from >= one.until) one.isEcho ??= isEcho(op, reply);
    }
  }

  #isChanged({ job, node }: Place): boolean {
    for (let partition = 0; partition < this.#case.partitions; partition += 1) {
      for (const line of this.#case.truth.of(partition)) {
        for (const entry of line.since(node, Number.NEGATIVE_INFINITY)) {
          if (entry.job === job && made.has(entry.kind)) return true;
        }
      }
    }
    return false;
  }
}

function append<One extends Place>(all: Map<string, One[]>, one: One): void {
  const key = keyOf(one);
  const own = all.get(key);
  if (own === undefined) all.set(key, [one]);
  else own.push(one);
}

function keyOf({ job, node }: Place): string {
  return `${node.length}:${node}${job}`;
}

/** The reply that a second run gets. A second `completed` is also what a first run gets, so it proves nothing alone. */
function isEcho(op: string, reply: string): boolean {
  return (op === "reserve_job" && reply === "already") || (op === "release_job" && reply === "unknown");
}
