/** Calls to one partition in one: they are made in their order at one instant, and each is checked and answered for itself. */
import { firstWrongCallArgument } from "../arguments.ts";
import type { Call, Change, Command, CommandOf, Reply, Version } from "../command.ts";
import { begin, type LayoutMismatch, layoutMismatch } from "../feed.ts";
import { type Partition, versionOf, type WrongKeys } from "../state.ts";
import { stepAround, type WrongStep, type WrongType } from "./wrong-keys.ts";

type ItemKind = "heartbeat" | "reserve_job" | "complete_job" | "release_job";
type Alone<Kind extends ItemKind> = Omit<CommandOf<Kind>, keyof Call>;

/** A call without what it has in common with the others of its group. */
export type GroupItem = Alone<"heartbeat"> | Alone<"reserve_job"> | Alone<"complete_job"> | Alone<"release_job">;

export type GroupCommand = Call & { readonly kind: "group"; readonly items: readonly GroupItem[] };

export type GroupReply =
  | { readonly kind: "grouped"; readonly version: Version; readonly replies: readonly (Reply | WrongType)[] }
  | { readonly kind: "invalid"; readonly argument: string }
  | LayoutMismatch;

const mostItems = 32;
const mostRunning = 256;

export function firstWrongOfGroup(group: GroupCommand): string | null {
  const { items } = group;
  const running = items.reduce((sum, item) => sum + (item.kind === "heartbeat" ? item.running.length : 0), 0);
  const isAllowed = items.length >= 1 && items.length <= mostItems && running <= mostRunning;
  return firstWrongCallArgument(group) ?? (isAllowed ? null : "items");
}

/** The item as the call that it is. */
export function callOf({ at, feedMax, partitions }: Call, item: GroupItem): Command {
  return { ...item, at, feedMax, partitions } as Command; // the union of the items is not distributed otherwise
}

export function groupStep(
  partition: Partition,
  group: GroupCommand,
  wrong: WrongKeys,
): WrongStep<Partition, GroupReply> {
  const unmoved = { state: partition, changes: [], wrong, isWokenInVain: false };
  const argument = firstWrongOfGroup(group);
  if (argument !== null) return { ...unmoved, reply: { kind: "invalid", argument } };
  if (wrong.has("meta")) return { ...unmoved, reply: { kind: "wrong_type" } };
  const mismatch = layoutMismatch(partition, group);
  if (mismatch !== null) return { ...unmoved, reply: mismatch };
  const begun = begin(partition, group);
  let state: Partition = begun;
  let left: WrongKeys = begun === partition ? wrong : new Set([...wrong].filter((key) => key !== "feed"));
  let isWokenInVain = false;
  const changes: Change[] = [];
  const replies: (Reply | WrongType)[] = [];
  for (const item of group.items) {
    const made = stepAround(state, callOf(group, item), left);
    ({ state, wrong: left } = made);
    isWokenInVain ||= made.isWokenInVain;
    changes.push(...made.changes);
    replies.push(made.reply);
  }
  const { meta } = state;
  return {
    state,
    changes,
    wrong: left,
    isWokenInVain,
    reply: { kind: "grouped", version: versionOf(meta ?? begun.meta), replies },
  };
}
