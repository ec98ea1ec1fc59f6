/** Converts a real reply to the answer that the scheduler receives: read as in production, with the simulated names of epochs. */

import type { Resolved } from "../conform/plan/resolve.ts";
import type { Names } from "../conform/store/epochs.ts";
import { classify } from "../redis/failure.ts";
import { readConfigCheck, readConfigPage, readPutConfig } from "../redis/scripts/config-reply.ts";
import {
  readAcknowledged,
  readChanges,
  readFinish,
  readHeartbeat,
  readOffline,
  readOrphans,
  readPage,
  readRegister,
  readReserve,
  readSweep,
  unexpected,
} from "../redis/scripts/reply.ts";
import { epochText } from "../simulate/servers/epoch-text.ts";
import { toPort } from "../simulate/servers/protocol-values.ts";

export function portAnswer(resolved: Resolved, raw: unknown, names: Names): unknown {
  try {
    return read(resolved, renamed(raw, resolved.target, names));
  } catch (error) {
    return classify(error, 0, true);
  }
}

function read({ command, target }: Resolved, raw: unknown): unknown {
  if (raw instanceof Error) throw raw;
  switch (command.kind) {
    case "group":
      return unexpected("a simulated store is sent no groups", raw);
    case "register_node":
      return readRegister(raw);
    case "heartbeat":
      return readHeartbeat(raw);
    case "offline_node":
      return readOffline(raw);
    case "reserve_job":
      return readReserve(raw);
    case "complete_job":
    case "release_job":
      return readFinish(raw);
    case "sweep":
      return readSweep(raw);
    case "changes_since":
      return target === "cfg" ? readConfigCheck(raw, toPort(command.since)) : readChanges(raw);
    case "read_orphans":
      return readOrphans(raw);
    case "ack_orphans":
      return readAcknowledged(raw);
    case "snapshot":
      return readPage(raw, command.records);
    case "put_config":
      return readPutConfig(raw);
    case "read_config":
      return readConfigPage(raw);
  }
}

/** Replaces the versions of a reply, at any depth. */
function renamed(raw: unknown, target: Resolved["target"], names: Names): unknown {
  if (Array.isArray(raw)) return raw.map((each) => renamed(each, target, names));
  if (typeof raw !== "string") return raw;
  if (raw.startsWith('["')) return JSON.stringify(renamed(JSON.parse(raw), target, names)); // a kept loss, or a list of ids
  const [, epoch, sequence] = /^e(\d+):(\d+)$/u.exec(names.versionName(target, raw)) ?? [];
  return epoch === undefined ? raw : `${epochText(Number(epoch))}:${sequence}`;
}
