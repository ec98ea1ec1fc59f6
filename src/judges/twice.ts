/**
 * K2: every script is safe to run twice: where nothing else has happened to its node in between, a second run with the same arguments changes
 * nothing, and is answered as the first one was or with its echo (docs/protocol.md, section 5).
 */
import { inMs, type Judgement } from "../check/judgement.ts";
import type { JudgeEvent, Written } from "./event.ts";
import { Findings } from "./findings.ts";
import type { Judge } from "./judge.ts";
import type { HeldNode } from "./truth.ts";

/** Script and reply of the first run -> the reply of a second run, where the two differ. */
const echoes: Readonly<Record<string, string>> = {
  "register_node registered": "already",
  "heartbeat renewed": "already",
  "offline_node offline": "already",
  "reserve_job reserved": "already",
  "release_job completed": "unknown",
};

export function judgeTwice(): Judge {
  return new Twice();
}

class Twice implements Judge {
  readonly property = "K2";
  readonly hears = ["written"] as const;
  readonly #findings = new Findings("K2");
  /** Partition, script and arguments -> its last run. */
  readonly #last = new Map<string, Written>();
  #repeated = 0;
  #redelivered = 0;

  on(event: JudgeEvent): void {
    if (event.kind === "written" && event.reply !== "invalid") this.#run(event);
  }

  finish(): Judgement {
    return this.#findings.conclude({
      exercised: this.#repeated,
      measures: [{ name: "delivered_twice_by_the_network", value: this.#redelivered }],
    });
  }

  #run(event: Written): void {
    const { after, at, before, changes, line, node, reply, request, script } = event;
    const call = `${line.partition} ${script} ${event.arguments}`;
    const first = this.#last.get(call);
    this.#last.set(call, event);
    if (first === undefined || first.line !== line || !isAsItWas(first.after, before)) return;
    this.#repeated += 1;
    if (first.request === request) this.#redelivered += 1;
    const allowed = echoes[`${script} ${first.reply}`] ?? first.reply;
    const isLeft = isAsItWas(before, after);
    if (changes === 0 && isLeft && reply === allowed) return;
    const more = isLeft ? "" : ", left the node otherwise";
    this.#findings.violate(() => [
      `${script} of node ${node} ran a second time, made ${changes} changes${more} and was answered ${reply}, allowed none and ${allowed}`,
      `requests ${first.request} and ${request}, the second at ${inMs(at)}; nothing had happened to the node in between`,
    ]);
  }
}

/** Nothing has happened to the node, heartbeats included. */
function isAsItWas(left: HeldNode | null, found: HeldNode | null): boolean {
  if (left === null || found === null) return left === found;
  const { epoch, sequence } = left.version;
  const isSameHeartbeat = left.heartbeatSeq === found.heartbeatSeq && left.heartbeatChunk === found.heartbeatChunk;
  return isSameHeartbeat && epoch === found.version.epoch && sequence === found.version.sequence;
}
