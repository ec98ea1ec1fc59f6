/** What is the matter with a simulated server, done to the real one for as long as one command takes. */

import type { Target } from "../conform/plan/world.ts";
import { prefix } from "../conform/store/expect.ts";
import { keyspace } from "../redis/scripts/keys.ts";
import type { Arrival } from "../simulate/servers/witness.ts";
import type { Crossing } from "./crossing.ts";

type Commands = readonly (readonly string[])[];

interface Circumstances {
  /** Whose answers do not matter: a key may not be there. */
  readonly before: Commands;
  readonly after: Commands;
  /** It answers nothing else before `end`. */
  readonly isBusy: boolean;
  /** When all of them have been answered. */
  end(): void;
}

/** It ends by itself too, long after any run. */
const endless = "for turn = 1, 2e10 do end";

export function circumstances(crossing: Crossing, url: string, arrival: Arrival, target: Target): Circumstances {
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
        // Not as a replica: that would give it another replication id when it is one no longer.
        before.push(["CONFIG", "SET", "min-replicas-to-write", "1"]);
        after.push(["CONFIG", "SET", "min-replicas-to-write", "0"]);
        break;
      case "busy":
        end = keepBusy(crossing, url);
        break;
      // A server that loads refuses all (loading.ts): nothing is run around what it refuses.
      case "loading":
      // What stands still answers nothing, and what arrived meanwhile runs later: it has gone on by now.
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

function keepBusy(crossing: Crossing, url: string): () => void {
  crossing.commands(url, ["CONFIG", "SET", "busy-reply-threshold", "1"]);
  crossing.ask({ kind: "unanswered", url, command: ["EVAL", endless, "0"] });
  crossing.ask({ kind: "until", url, command: ["PING"], reply: "BUSY" });
  return () => {
    crossing.commands(url, ["SCRIPT", "KILL"]);
    crossing.ask({ kind: "until", url, command: ["PING"], reply: "PONG" });
    crossing.commands(url, ["CONFIG", "SET", "busy-reply-threshold", "5000"]);
  };
}
