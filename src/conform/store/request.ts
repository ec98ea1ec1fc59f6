/** A command of the model as a call of a script, and a script's answer in the shape that the model's reply is put into. */
import type { Command, CommandOf, ConfigCommand, Succession, Version } from "../../../model/partition/command.ts";
import { callOf, type GroupCommand } from "../../../model/partition/rules/group.ts";
import type { ScriptName } from "../../redis/scripts/contract.ts";
import { groupCall, repliesOf } from "../../redis/scripts/group.ts";
import {
  fieldsOf,
  isOfWrongType,
  list,
  readAcknowledged,
  readChanges,
  readFinish,
  readHeartbeat,
  readOffline,
  readOrphans,
  readRegister,
  readReserve,
  readSweep,
  succession,
  text,
  texts,
} from "../../redis/scripts/reply.ts";
import { encoder, type ScriptCall } from "../../redis/scripts/wire.ts";
import { encodeVersion } from "../../redis/version.ts";
import type { Advanced } from "../advance.ts";
import type { Resolved } from "../plan/resolve.ts";
import type { Target } from "../plan/world.ts";
import { scriptOf, shownText, type WrongText, withText } from "../plan/wrong-texts.ts";
import type { Json } from "./content.ts";
import { readFields, readLoss } from "./dump.ts";
import { modelVersionName, type Names } from "./epochs.ts";
import { changeJson, configJson, lossJson, prefix, recordJson } from "./expect.ts";

export function toCall(resolved: Resolved, names: Names): ScriptCall {
  const call = plainCall(resolved, names);
  return resolved.instead === undefined ? call : withText(call, resolved.instead);
}

function plainCall(resolved: Resolved, names: Names): ScriptCall {
  const { at, partitions, feedMax } = resolved.command;
  const clock = resolved.clock === "server" ? {} : { now: () => at };
  const wire = encoder({ prefix, partitions, feedMax, ...clock });
  const incarnation = (target: Target, version: Version): string => encodeVersion(names.versionOf(target, version));
  const expectedBy = ({ expected }: CommandOf<"register_node">) => expected && incarnation(resolved.target, expected);
  if (resolved.target === "cfg") return configCall(resolved.command, wire, names);
  const { command, target } = resolved;
  const partition = target;
  switch (command.kind) {
    case "group": {
      const calls = itemsOf(command).map((item) => plainCall({ ...resolved, target, command: item }, names));
      return groupCall(calls, wire.releaseJob({ partition, node: "", job: "" }));
    }
    case "register_node":
      return wire.registerNode({ ...command, partition, max_jobs: command.maxJobs, expected: expectedBy(command) });
    case "heartbeat":
      return wire.heartbeat({
        ...command,
        partition,
        incarnation: incarnation(target, command.incarnation),
        health_milli: command.healthMilli,
      });
    case "offline_node":
      return wire.offlineNode({ ...command, partition, incarnation: incarnation(target, command.incarnation) });
    case "reserve_job":
      return wire.reserveJob({ ...command, partition });
    case "complete_job":
      return wire.completeJob({ ...command, partition });
    case "release_job":
      return wire.releaseJob({ ...command, partition });
    case "sweep":
      return wire.sweep({ ...command, partition });
    case "changes_since":
      return wire.changesSince({ ...command, partition, since: names.versionOf(target, command.since) });
    case "read_orphans":
      return wire.readOrphans({ ...command, partition });
    case "ack_orphans": {
      const losses = command.losses.map(({ order, version }) => ({ order, version: names.versionOf(target, version) }));
      return wire.ackOrphans({ partition, losses });
    }
    case "snapshot":
      return wire.snapshot({ ...command, partition, nodes: command.records });
  }
}

function configCall(command: ConfigCommand, wire: ReturnType<typeof encoder>, names: Names): ScriptCall {
  switch (command.kind) {
    case "put_config":
      return wire.putConfig({
        expected: command.expected && names.versionOf("cfg", command.expected),
        enabled: command.content.enabled,
        pool_count: command.content.poolCount,
        hash_seed: command.content.hashSeed,
        fallback_scan_all_pools: command.content.fallbackScanAllPools,
        pools: command.content.pools,
      });
    case "changes_since":
      return wire.changesSince({ ...command, partition: "cfg", since: names.versionOf("cfg", command.since) });
    case "read_config":
      return wire.readConfig();
  }
}

function isReadable<Found extends object>(found: Found | "wrong_type" | null): found is Found {
  return found !== null && found !== "wrong_type";
}

/** The model's reply as plain values, versions by name. */
export function replyJson(reply: Advanced["reply"]): Json {
  switch (reply.kind) {
    case "invalid":
      return { ...reply };
    case "page":
      return {
        kind: reply.kind,
        version: modelVersionName(reply.version),
        records: reply.records.map((record) => (isReadable(record) ? recordJson(record) : record)),
        next: reply.next,
        ...modelSuccession(reply),
      };
    case "resync":
      return { kind: reply.kind, version: modelVersionName(reply.version), ...modelSuccession(reply) };
    case "changes":
      return {
        kind: reply.kind,
        version: modelVersionName(reply.version),
        entries: reply.entries.map(({ sequence, change }) => [String(sequence), changeJson(change)]),
      };
    case "orphans":
      return {
        kind: reply.kind,
        version: modelVersionName(reply.version),
        losses: reply.losses.map((loss) => [String(loss.order), lossJson(loss)]),
      };
    case "grouped":
      return {
        kind: reply.kind,
        version: modelVersionName(reply.version),
        replies: reply.replies.map((each) => replyJson(each)),
      };
    case "config": {
      const { config, version } = reply;
      const records = [
        isReadable(config) ? { version: modelVersionName(config.version), ...configJson(config.content) } : config,
      ];
      return { kind: "page", version: modelVersionName(version), records, next: [], ...modelSuccession(reply) };
    }
    default:
      return named(reply);
  }
}

function modelSuccession({ generation, past }: Succession): { readonly [field: string]: Json } {
  return { generation, past: past.map((epoch) => `e${epoch}`) };
}

function storeSuccession(rest: readonly unknown[], target: Target, names: Names): { readonly [field: string]: Json } {
  const { generation, past } = succession(rest);
  return { generation, past: past.map((epoch) => names.epochName(target, epoch)) };
}

/** Versions in a reply, however deep, by their names. */
function named(reply: object): Json {
  const plain: Record<string, Json> = {};
  for (const [field, value] of Object.entries(reply) as [string, unknown][]) {
    plain[field] = isVersion(value) ? modelVersionName(value) : (value as Json);
  }
  return plain;
}

function isVersion(value: unknown): value is Version {
  return typeof value === "object" && value !== null && "epoch" in value && "sequence" in value;
}

/** The store's answer in the same shape, read by the same readers as in production, or said to be unreadable. */
export function answerJson({ command, instead, target }: Resolved, raw: unknown, names: Names): Json {
  if (raw instanceof Error) return errorJson(raw, scriptOf(command.kind), instead);
  if (Array.isArray(raw) && raw[0] === "layout_mismatch") return mismatchJson(raw, target, names);
  const name = (version: { epoch: string; sequence: number }): string =>
    names.versionName(target, encodeVersion(version));
  try {
    switch (command.kind) {
      case "group":
        return groupJson(command, target, raw, names);
      case "register_node":
        return withNames(readRegister(raw), target, names);
      case "heartbeat": {
        const { version, ...reply } = readHeartbeat(raw);
        if (reply.kind === "renewed")
          return { kind: reply.kind, version: name(version), unknownJobs: reply.unknown_jobs };
        return withNames({ ...reply, version }, target, names);
      }
      case "offline_node":
        return withNames(readOffline(raw), target, names);
      case "reserve_job":
        return withNames(readReserve(raw), target, names);
      case "complete_job":
      case "release_job":
        return withNames(readFinish(raw), target, names);
      case "sweep": {
        const { failed, ...reply } = readSweep(raw);
        return withNames({ ...reply, failed: failed.map(failedJson) }, target, names);
      }
      case "read_orphans":
        return orphansJson(raw, target, names);
      case "ack_orphans":
        return withNames(readAcknowledged(raw), target, names);
      case "changes_since":
        return changesJson(raw, target, names);
      case "snapshot":
      case "read_config":
        return pageJson(raw, target, names);
      case "put_config":
        return configWriteJson(raw, target, names);
    }
  } catch (error) {
    return { kind: "unreadable", reason: error instanceof Error ? error.message : String(error) };
  }
}

function itemsOf(group: GroupCommand): readonly Command[] {
  return group.items.map((item) => callOf(group, item));
}

function groupJson(command: GroupCommand, target: Target, raw: unknown, names: Names): Json {
  const replies = repliesOf(raw, command.items.length);
  const read = itemsOf(command).map((item, index) =>
    answerJson({ target: target as number, command: item }, replies[index], names),
  );
  const [, version] = list("reply", raw);
  return { kind: "grouped", version: names.versionName(target, text("version", version)), replies: read };
}

/** The key by the model's name, where the message says of one that it holds another type. */
function failedJson({ message, node }: { readonly node: string; readonly message: string }): Json {
  const [, key] = /^lp:\{\w+\}:(.*): WRONGTYPE /su.exec(message) ?? [];
  return key === undefined ? { node, message } : { node, key };
}

function withNames(reply: object, target: Target, names: Names): Json {
  const plain: Record<string, Json> = {};
  for (const [field, value] of Object.entries(reply) as [string, unknown][]) {
    if (isStoreVersion(value)) plain[field] = names.versionName(target, encodeVersion(value));
    else
      plain[field] =
        field === "incarnation" && typeof value === "string" ? names.versionName(target, value) : (value as Json);
  }
  return plain;
}

function isStoreVersion(value: unknown): value is { epoch: string; sequence: number } {
  return typeof value === "object" && value !== null && "epoch" in value && "sequence" in value;
}

/** A refusal as the protocol words it: with the script, the argument, at most 40 bytes of what was found, and what is allowed. */
const refusal = /^LPARG (\w+) (\w+): found (\P{Cc}{0,40}), allowed \P{Cc}+$/u;

/** With the text that was found where the model says which one that is. */
function errorJson({ message }: Error, script: ScriptName, instead: WrongText | undefined): Json {
  const [, name, argument = "", found = ""] = refusal.exec(message) ?? [];
  if (name === script) {
    const isShown = argument === instead?.argument && shownText(script, instead) !== undefined;
    return { kind: "invalid", argument, ...(isShown ? { found } : {}) };
  }
  if (message.startsWith("WRONGTYPE")) return { kind: "wrong_type" };
  return { kind: "error", message: message.slice(0, 300) };
}

function mismatchJson(raw: readonly unknown[], target: Target, names: Names): Json {
  const [kind, version, layout, partitions] = texts("reply", raw);
  const known = names.versionName(target, version ?? "");
  return { kind: kind ?? "", version: known, layout: Number(layout), partitions: Number(partitions) };
}

/** A partition's changes through the production reader first, so that it is held against the model too. */
function changesJson(raw: unknown, target: Target, names: Names): Json {
  if (target !== "cfg") readChanges(raw);
  const [kind, version, ...rest] = list("reply", raw);
  const [entries] = rest;
  if (kind === "resync")
    return {
      kind,
      version: names.versionName(target, text("version", version)),
      ...storeSuccession(rest, target, names),
    };
  return {
    kind: text("kind", kind),
    version: names.versionName(target, text("version", version)),
    entries: list("entries", entries).map((entry) => {
      const [sequence, ...flat] = list("entry", entry);
      return [text("sequence", sequence), readFields(fieldsOf("entry", flat), names, target)];
    }),
  };
}

/** Through the production reader first, as changes are. */
function orphansJson(raw: unknown, target: Target, names: Names): Json {
  readOrphans(raw);
  const [kind, version, losses] = list("reply", raw);
  return {
    kind: text("kind", kind),
    version: names.versionName(target, text("version", version)),
    losses: list("losses", losses).map((loss) => {
      const [order, member] = texts("loss", loss);
      return [order ?? "", readLoss(member ?? "", names, target)];
    }),
  };
}

function pageJson(raw: unknown, target: Target, names: Names): Json {
  const [kind, version, records, next, ...rest] = list("reply", raw);
  return {
    kind: text("kind", kind),
    version: names.versionName(target, text("version", version)),
    records: list("records", records).map((record) => {
      if (isOfWrongType(record)) return "wrong_type";
      const fields = fieldsOf("record", record);
      return Object.keys(fields).length === 0 ? null : readFields(fields, names, target);
    }),
    next: texts("next", next),
    ...storeSuccession(rest, target, names),
  };
}

function configWriteJson(raw: unknown, target: Target, names: Names): Json {
  const [kind, version, config] = list("reply", raw);
  const stored = text("config version", config);
  return {
    kind: text("kind", kind),
    version: names.versionName(target, text("version", version)),
    config: stored === "" ? null : names.versionName(target, stored),
  };
}
