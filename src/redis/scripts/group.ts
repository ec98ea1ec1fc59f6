/** Calls to one partition as one call of the script `group`, and its reply as theirs (docs/protocol.md). */
import { contracts, type ScriptName } from "./contract.ts";
import { open, unexpected } from "./reply.ts";
import type { ScriptCall } from "./wire.ts";

/** KEYS and ARGV that the items of a group have in common. */
const commonKeys = 2;
const commonArgs = 3;

const ofGroups: ReadonlySet<ScriptName> = new Set([
  ...(["heartbeat", "reserve_job", "complete_job", "release_job"] as const),
]);
const mostItems = 32;
const mostRunning = 256;
const argsOfHeartbeat = contracts.heartbeat.args.indexOf("running");

/** How many of a group's running jobs the call names; null: it goes alone. */
function runningOf({ args, script }: ScriptCall): number | null {
  if (!ofGroups.has(script)) return null;
  const running = script === "heartbeat" ? args.length - argsOfHeartbeat : 0;
  return running > mostRunning ? null : running;
}

export function canBeGrouped(call: ScriptCall): boolean {
  return runningOf(call) !== null;
}

/** @param calls to one partition, each of which can be grouped @returns those that go together, in their order */
export function groupsOf<Item extends { readonly call: ScriptCall }>(calls: readonly Item[]): readonly Item[][] {
  const groups: Item[][] = [];
  let running = 0;
  for (const item of calls) {
    const more = runningOf(item.call) ?? 0;
    const last = groups.at(-1);
    if (last === undefined || last.length === mostItems || running + more > mostRunning) {
      groups.push([item]);
      running = more;
    } else {
      last.push(item);
      running += more;
    }
  }
  return groups;
}

/** @param calls to one partition @param like has what all of them have in common: a call to the same partition */
export function groupCall(calls: readonly ScriptCall[], like = calls[0]): ScriptCall {
  const keys = like?.keys.slice(0, commonKeys) ?? [];
  const args = like?.args.slice(0, commonArgs) ?? [];
  for (const call of calls) {
    const own = call.args.slice(commonArgs);
    keys.push(...call.keys.slice(commonKeys));
    args.push(call.script, String(own.length), ...own);
  }
  return { script: "group", keys, args };
}

/** The replies of the group, as each call alone would have had it; an error reply is an Error. @throws ReplyError */
export function repliesOf(raw: unknown, count: number): readonly unknown[] {
  const [replies] = open(raw, ["grouped"]).rest;
  return Array.isArray(replies) && replies.length === count ? replies : unexpected(`${count} replies expected`, raw);
}

export interface GroupedCall {
  readonly script: string;
  /** The arguments that follow the common ones. */
  readonly args: readonly string[];
}

/** The calls that such arguments carry, as far as they are well formed. */
export function groupedCalls(args: readonly string[]): readonly GroupedCall[] {
  const calls: GroupedCall[] = [];
  for (let at = commonArgs; at + 1 < args.length; ) {
    const end = at + 2 + Number(args[at + 1]);
    if (!(end >= at + 2 && end <= args.length)) break;
    calls.push({ script: args[at] ?? "", args: args.slice(at + 2, end) });
    at = end;
  }
  return calls;
}
