/** Names and values of the `system` model in words. */
import type { Change, Message, Seen, Version } from "../../../model/system/state.ts";
import { countText } from "../../evidence/words.ts";
import type { InFlightMessage } from "./model-view.ts";

export const laneOf = {
  node: (n: number) => `node ${n}`,
  job: (j: number) => `job ${j}`,
  network: "network",
  store: "store",
  replica: "replica",
  instance: (i: number) => `instance ${i}`,
};

/** The keys of the messages in flight to an instance beside the network. */
export const answerKeys = {
  wakeUp: (i: number) => `wake-up ${i}`,
  change: (i: number) => `change ${i}`,
  page: (i: number) => `page ${i}`,
};

export function versionText({ epoch, sequence }: Version): string {
  return epoch === 0 ? "none" : `${epoch}:${sequence}`;
}

export function inFlightMessage(message: Message): InFlightMessage {
  const key = JSON.stringify(message);
  const { store } = laneOf;
  switch (message.kind) {
    case "Register":
      return { key, from: laneOf.node(message.n), to: store, words: `register, life ${message.life}` };
    case "Heartbeat": {
      const words = `heartbeat ${message.seq} of ${versionText(message.incarnation)}`;
      return { key, from: laneOf.node(message.n), to: store, words };
    }
    case "Reserve":
      return { key, from: laneOf.job(message.j), to: store, words: `reserve job ${message.j} on node ${message.n}` };
    case "Complete":
      return { key, from: laneOf.job(message.j), to: store, words: `complete job ${message.j} on node ${message.n}` };
    case "Found": {
      const words = `node ${message.n} at ${versionText(message.at)}: ${seenText(message.seen)}`;
      const found = `Found ${message.i} ${message.n} ${versionText(message.at)}`;
      return { key: found, from: store, to: laneOf.instance(message.i), words };
    }
  }
}

export function changeText(change: Change): string {
  switch (change.kind) {
    case "registered":
      return `node ${change.n} registered`;
    case "gone":
      return `node ${change.n} gone`;
    case "removed":
      return `node ${change.n} removed`;
    case "jobs":
      return `node ${change.n} has ${countText(change.count, "job")}`;
  }
}

export function seenText(seen: Seen | null): string {
  if (seen === null) return "not there";
  const { isOnline, incarnation, count } = seen;
  return `${isOnline ? "online" : "gone"}, life ${versionText(incarnation)}, ${countText(count, "job")}`;
}
