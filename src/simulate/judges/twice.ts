/**
 * K2: every script is safe to run twice: where nothing else has happened to its node in between, a second run with the same arguments changes
 * nothing, and is answered as the first one was or with its echo (docs/protocol.md, section 5).
 */
import type { Command, NodeRecord, Reply, Version } from "../../../model/partition/command.ts";
import { conclude, inMs, type Judgement } from "../../check/judgement.ts";
import { properties } from "../../check/properties.ts";
import { lifeText } from "../servers/epoch-text.ts";
import type { SimEvent, Stepped } from "../trace/events.ts";
import { pairKey } from "./job-key.ts";
import { type OnlineJudge, Stories } from "./judge.ts";

/** A run of a script, and how it left its node. */
interface Ran {
  readonly request: number;
  readonly server: number;
  readonly reply: Reply["kind"];
  readonly epoch: number | undefined;
  /** undefined: there was none. */
  readonly node: NodeRecord | undefined;
}

/** What a second run is answered where the first one was answered otherwise than it would be itself. */
const echoes: Readonly<Record<string, Reply["kind"]>> = {
  "register_node registered": "already",
  "heartbeat renewed": "already",
  "offline_node offline": "already",
  "reserve_job reserved": "already",
  "release_job completed": "unknown",
};

export function judgeTwice(): OnlineJudge {
  return new Twice();
}

class Twice implements OnlineJudge {
  readonly property = "K2";
  readonly hears = ["stepped.but_polls"] as const;
  readonly #stories = new Stories();
  /** Partition, script and arguments -> its last run. */
  readonly #ran = new Map<string, Ran>();
  #repeated = 0;
  #redelivered = 0;

  on(event: SimEvent): void {
    if (event.kind !== "stepped") return;
    const key = argumentsOf(event.partition, event.command);
    if (key !== null && event.reply.kind !== "keys_needed" && event.reply.kind !== "invalid") this.#run(event, key);
  }

  finish(): Judgement {
    const { premise } = properties.K2;
    return conclude({
      property: "K2",
      premise,
      exercised: this.#repeated,
      violations: this.#stories.all,
      measures: [{ name: "delivered_twice_by_the_network", value: this.#redelivered }],
    });
  }

  #run(event: Stepped, key: string): void {
    const { after, before, changes, command, reply, request, server } = event;
    const first = this.#ran.get(key);
    const node = "node" in command ? command.node : "";
    this.#ran.set(key, {
      ...{ request, server, reply: reply.kind },
      ...{ epoch: after.meta?.epoch, node: after.nodes.get(node) },
    });
    if (first === undefined || first.server !== server || !isAsItWas(first, before, node)) return;
    this.#repeated += 1;
    if (first.request === request) this.#redelivered += 1;
    const allowed = echoes[`${command.kind} ${first.reply}`] ?? first.reply;
    if (changes.length === 0 && reply.kind === allowed) return;
    this.#stories.add(() => [
      `${command.kind} of node ${node} ran a second time, made ${changes.length} changes and was answered ${reply.kind}, allowed none and ${allowed}`,
      `requests ${first.request} and ${request}, the second at ${inMs(event.at)}; nothing had happened to the node in between`,
    ]);
  }
}

/** What of its arguments says that it is the same call; null: of a script that only reads, or sweeps, whose arguments are what is due. */
function argumentsOf(partition: number, command: Command): string | null {
  switch (command.kind) {
    case "register_node":
      return `${partition} ${command.kind} ${pairKey(command.node, command.registration)}`;
    case "heartbeat":
      return `${partition} ${command.kind} ${command.seq} ${pairKey(command.node, lifeText(command.incarnation))}`;
    case "offline_node":
      return `${partition} ${command.kind} ${pairKey(command.node, lifeText(command.incarnation))}`;
    case "reserve_job":
    case "complete_job":
    case "release_job":
      return `${partition} ${command.kind} ${pairKey(command.node, command.job)}`;
    default:
      return null;
  }
}

/** The epoch is the same one, and nothing has happened to the node, heartbeats included. */
function isAsItWas(first: Ran, { meta, nodes }: Stepped["before"], node: string): boolean {
  const record = nodes.get(node);
  if (first.epoch !== meta?.epoch) return false;
  if (record === undefined || first.node === undefined) return record === first.node;
  const { heartbeatSeq, version } = first.node;
  return record.heartbeatSeq === heartbeatSeq && isSame(record.version, version);
}

function isSame(one: Version, other: Version): boolean {
  return one.epoch === other.epoch && one.sequence === other.sequence;
}
