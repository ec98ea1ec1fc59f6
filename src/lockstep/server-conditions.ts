/** Puts a real server into the conditions of a simulated one for the duration of one command. */

import type { Target } from "../conform/plan/world.ts";
import { prefix } from "../conform/store/expect.ts";
import { keyspace } from "../redis/scripts/keys.ts";
import type { Arrival } from "../simulate/servers/witness.ts";
import type { SyncClient } from "./sync-client.ts";

type Commands = readonly (readonly string[])[];

interface ServerConditions {
  /** Replies to these are not checked: a key may be missing. */
  readonly before: Commands;
  readonly after: Commands;
  /** The server answers no other command before `end`. */
  readonly isBusy: boolean;
  /** Called after all replies. */
  end(): void;
}

/** It runs far longer than any lockstep run, but not for ever. */
const endless = "for turn = 1, 2e10 do end";

export function serverConditions(client: SyncClient, url: string, arrival: Arrival, target: Target): ServerConditions {
  const before: (readonly string[])[] = [];
  const after: (readonly string[])[] = [];
  let end = (): void => {};
  for (const condition of arrival.conditions) {
    switch (condition) {
      case "out_of_memory":
        before.push(["CONFIG", "SET", "maxmemory", "1"]);
        after.push(["CONFIG", "SET", "maxmemory", "0"]);
        break;
      case "readonly":
        // Not by REPLICAOF: promotion afterwards would change the replication id.
        before.push(["CONFIG", "SET", "min-replicas-to-write", "1"]);
        after.push(["CONFIG", "SET", "min-replicas-to-write", "0"]);
        break;
      case "busy":
        end = keepBusy(client, url);
        break;
      // A loading server refuses every command (loading.ts), so nothing may run before or after.
      case "loading":
      // A paused server runs what arrived meanwhile after it resumes; by now it has resumed.
      case "standing":
      case "scripts_wait":
        break;
    }
  }
  const space = keyspace(prefix, target === "cfg" ? "cfg" : `p${target}`);
  for (const key of arrival.wrong) {
    const own = space[key];
    before.push(["RENAME", own, `${own}:aside`], ["SET", own, "not ours"]);
    after.push(["DEL", own], ["RENAME", `${own}:aside`, own]);
  }
  return { before, after, isBusy: arrival.conditions.includes("busy"), end };
}

function keepBusy(client: SyncClient, url: string): () => void {
  client.commands(url, ["CONFIG", "SET", "busy-reply-threshold", "1"]);
  client.ask({ kind: "unanswered", url, command: ["EVAL", endless, "0"] });
  client.ask({ kind: "until", url, command: ["PING"], reply: "BUSY" });
  return () => {
    client.commands(url, ["SCRIPT", "KILL"]);
    client.ask({ kind: "until", url, command: ["PING"], reply: "PONG" });
    client.commands(url, ["CONFIG", "SET", "busy-reply-threshold", "5000"]);
  };
}
