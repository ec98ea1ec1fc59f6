/**
 * A step where some keys hold another type than ours, as if another program had written there (docs/protocol.md, section 3). A call whose rules
 * read or change such a key is refused with WRONGTYPE; every other call goes on.
 */
import type { Command, CommandOf, ConfigCommand, Reply } from "../command.ts";
import { begin } from "../feed.ts";
import { type Partition, step } from "../partition.ts";
import { type Begun, jobsOf, type KeyName, type Log, type PartitionStep, type Step, type WrongKeys } from "../state.ts";
import { type ConfigPartition, configStep } from "./config.ts";
import { sweepPast } from "./sweep.ts";

export type { KeyName, WrongKeys };

export interface WrongType {
  readonly kind: "wrong_type";
}

export interface WrongStep<State, Answer> extends Step<State, Answer | WrongType> {
  /** Those that still are of another type: the call may have deleted some. */
  readonly wrong: WrongKeys;
  /** The wake-up of the change was published, and then its entry could not be appended. */
  readonly isWokenInVain: boolean;
}

export function stepAround(partition: Partition, command: Command, wrong: WrongKeys): WrongStep<Partition, Reply> {
  const plain = step(partition, command);
  if (isRefusedFirst(plain.reply)) return wrong.has("meta") ? refusedByMeta(plain, wrong) : unhindered(plain, wrong);
  if (wrong.has("meta")) return refused(partition, wrong);
  const begun = begin(partition, command);
  const left = begun === partition ? wrong : without(wrong, ["feed"]);
  if (command.kind === "sweep") return sweepAround(begun, command, left);
  const read = readBy(begun, command, plain);
  const { reply } = plain;
  if (command.kind !== "snapshot" || reply.kind !== "page") return decided(begun, plain, { left, read });
  const records = reply.records.map((record, index) =>
    left.has(`node:${command.records[index] ?? ""}`) ? ("wrong_type" as const) : record,
  );
  return decided(begun, { ...plain, reply: { ...reply, records } }, { left, read });
}

export function configStepAround(
  state: ConfigPartition,
  command: ConfigCommand,
  wrong: WrongKeys,
): WrongStep<ConfigPartition, ReturnType<typeof configStep>["reply"]> {
  const plain = configStep(state, command);
  if (isRefusedFirst(plain.reply)) return wrong.has("meta") ? refusedByMeta(plain, wrong) : unhindered(plain, wrong);
  if (wrong.has("meta")) return refused(state, wrong);
  const begun = begin(state, command);
  const left = begun === state ? wrong : without(wrong, ["feed"]);
  const isPut = command.kind === "put_config";
  const read = isPut ? ["phase3"] : command.kind === "read_config" ? ["nodes"] : readOfFeed(begun, command);
  const { reply } = plain;
  const isUnreadable = reply.kind === "config" && left.has("phase3");
  return decided(begun, isUnreadable ? { ...plain, reply: { ...reply, config: "wrong_type" } } : plain, { left, read });
}

/** Arguments are checked before `meta` is read, the layout right after it. */
function isRefusedFirst({ kind }: { readonly kind: string }): boolean {
  return kind === "invalid" || kind === "layout_mismatch";
}

function refusedByMeta<State, Answer extends { readonly kind: string }>(
  plain: Step<State, Answer>,
  wrong: WrongKeys,
): WrongStep<State, Answer> {
  return plain.reply.kind === "invalid" ? unhindered(plain, wrong) : refused(plain.state, wrong);
}

interface Met {
  readonly left: WrongKeys;
  readonly read: readonly KeyName[];
}

function decided<State extends Log, Answer>(
  begun: State,
  plain: Step<State, Answer>,
  { left, read }: Met,
): WrongStep<State, Answer> {
  if (read.some((key) => left.has(key))) return refused(begun, left);
  if (plain.changes.length > 0 && left.has("feed")) return { ...refused(begun, left), isWokenInVain: true };
  return unhindered(plain, left);
}

/** Only what every candidate needs stops the whole call. */
function sweepAround(
  begun: Begun<Partition>,
  command: CommandOf<"sweep">,
  wrong: WrongKeys,
): WrongStep<Partition, Reply> {
  if (["expiry", "leases", "orphans"].some((key) => wrong.has(key))) return refused(begun, wrong);
  const { isFeedMet, wrong: left, ...swept } = sweepPast(begun, command, wrong);
  return isFeedMet ? { ...refused(swept.state, left), isWokenInVain: true } : unhindered(swept, left);
}

function unhindered<State, Answer>(plain: Step<State, Answer>, wrong: WrongKeys): WrongStep<State, Answer> {
  return { ...plain, wrong, isWokenInVain: false };
}

function refused<State>(state: State, wrong: WrongKeys): WrongStep<State, never> {
  return { state, reply: { kind: "wrong_type" }, changes: [], wrong, isWokenInVain: false };
}

function without(wrong: WrongKeys, keys: readonly KeyName[]): WrongKeys {
  return new Set([...wrong].filter((key) => !keys.includes(key)));
}

/** The keys, but for `meta` and the feed of a change, that the rules which apply read or change. */
function readBy(
  partition: Begun<Partition>,
  command: Exclude<Command, CommandOf<"sweep">>,
  { changes, reply }: PartitionStep,
): readonly KeyName[] {
  switch (command.kind) {
    case "register_node":
      return reply.kind === "registered" ? [...keysOfLeaving(command.node), "nodes"] : [`node:${command.node}`];
    case "heartbeat":
      return reply.kind === "renewed" ? keysOfRenewal(partition, command) : [`node:${command.node}`];
    case "offline_node":
      return reply.kind === "offline" ? keysOfLeaving(command.node) : [`node:${command.node}`];
    case "reserve_job":
      return keysOfReserve(command.node, reply);
    case "complete_job":
      return keysOfEnd(command.node, changes.length > 0, [`done:${command.node}`]);
    case "release_job":
      return keysOfEnd(command.node, changes.length > 0, []);
    case "changes_since":
      return readOfFeed(partition, command);
    case "read_orphans":
    case "ack_orphans":
      return ["orphans"];
    case "snapshot":
      return ["nodes"];
  }
}

/** A caller that is up to date, ahead or in another epoch is answered without the feed. */
function readOfFeed({ meta }: Begun<Log>, { since }: Pick<CommandOf<"changes_since">, "since">): readonly KeyName[] {
  return since.epoch === meta.epoch && since.sequence < meta.sequence ? ["feed"] : [];
}

function keysOfRenewal(partition: Partition, command: CommandOf<"heartbeat">): readonly KeyName[] {
  const { at, lease, node, running, seq } = command;
  const held = jobsOf(partition, node);
  const isLonger = running.some((job) => (held.get(job) ?? Number.POSITIVE_INFINITY) < at + lease);
  const isFurther = partition.nodes.get(node)?.heartbeatSeq === seq;
  return [
    `node:${node}`,
    ...(isFurther ? [] : ["expiry"]),
    ...(running.length > 0 ? [`jobs:${node}`] : []),
    ...(isLonger ? ["leases"] : []),
  ];
}

/** An incarnation ends and its jobs with it. */
function keysOfLeaving(node: string): readonly KeyName[] {
  return [`node:${node}`, "expiry", "leases", "orphans", `jobs:${node}`];
}

function keysOfReserve(node: string, { kind }: Reply): readonly KeyName[] {
  const [done, jobs] = [`done:${node}`, `jobs:${node}`];
  if (kind === "finished") return [done];
  if (kind === "already") return [done, jobs];
  if (kind === "finished_unknown") return [done, jobs, `node:${node}`];
  return [done, jobs, `node:${node}`, ...(kind === "reserved" ? ["leases"] : [])];
}

function keysOfEnd(node: string, isEnded: boolean, remembered: readonly KeyName[]): readonly KeyName[] {
  return [`jobs:${node}`, ...remembered, ...(isEnded ? [`node:${node}`, "leases"] : [])];
}
