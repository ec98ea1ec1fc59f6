/**
 * The heartbeats that the store has taken. Most make no change and take no version, so that nothing but the run of the script shows that one which was
 * acknowledged has reached the store.
 */
import type { Call, Version } from "../../check/history.ts";
import type { Millis } from "../../scheduler/ports.ts";
import { lifeText } from "../servers/epoch-text.ts";
import { toPort } from "../servers/protocol-values.ts";
import type { Stepped } from "../trace/events.ts";

interface Beat {
  readonly at: Millis;
  readonly seq: number;
  readonly life: string;
  readonly reply: "renewed" | "already";
  readonly version: Version;
}

export class Beats {
  readonly #byNode = new Map<string, Beat[]>();

  on({ after, at, command, reply }: Stepped): void {
    if (command.kind !== "heartbeat" || after.meta === null) return;
    if (reply.kind !== "renewed" && reply.kind !== "already") return;
    const { incarnation, node, seq } = command;
    const beat: Beat = { at, seq, life: lifeText(incarnation), reply: reply.kind, version: toPort(after.meta) };
    const own = this.#byNode.get(node);
    if (own === undefined) this.#byNode.set(node, [beat]);
    else own.push(beat);
  }

  /** The run of the script that a heartbeat's reply may come from: `renewed` is told of a run within the call, `already` of any before its end. */
  behind({ from, incarnation, node = "", reply, seq }: Call, to: Millis): Version | null {
    const found = this.#byNode.get(node)?.findLast((beat) => {
      if (beat.seq !== seq || beat.at > to || (incarnation !== undefined && beat.life !== incarnation)) return false;
      return reply === "already" || (beat.reply === "renewed" && beat.at >= from);
    });
    return found?.version ?? null;
  }
}
