/**
 * The runs of scripts that may leave no change behind: heartbeats that the store has taken, and configurations that it was asked to hold. Nothing but the
 * run shows that one which was acknowledged has reached the store.
 */
import type { Call, Version } from "../../check/history.ts";
import type { Millis } from "../../protocol/time.ts";
import { incarnationText } from "../servers/epoch-text.ts";
import { toPort } from "../servers/protocol-values.ts";
import type { ConfigStepped, Stepped } from "../trace/events.ts";

interface Heartbeat {
  readonly at: Millis;
  readonly seq: number;
  readonly life: string;
  readonly reply: "renewed" | "already";
  readonly version: Version;
}

interface Configuration {
  readonly at: Millis;
  readonly instance: number;
  readonly reply: string;
  readonly version: Version;
}

type Answered = Call & { readonly to: Millis };

export class Runs {
  /** By node. */
  readonly #heartbeats = new Map<string, Heartbeat[]>();
  readonly #configurations: Configuration[] = [];

  stepped({ after, at, command, reply }: Stepped): void {
    if (command.kind !== "heartbeat" || after.meta === null) return;
    if (reply.kind !== "renewed" && reply.kind !== "already") return;
    const { incarnation, node, seq } = command;
    const life = incarnationText(incarnation);
    const heartbeat: Heartbeat = { at, seq, life, reply: reply.kind, version: toPort(after.meta) };
    const own = this.#heartbeats.get(node);
    if (own === undefined) this.#heartbeats.set(node, [heartbeat]);
    else own.push(heartbeat);
  }

  configStepped({ after, at, command, instance, reply }: ConfigStepped): void {
    if (command.kind !== "put_config" || after.meta === null) return;
    this.#configurations.push({ at, instance, reply: reply.kind, version: toPort(after.meta) });
  }

  /** Where the store had come with the run that the answer may come from; null: there was none. */
  behind(call: Answered): Version | null {
    const run = call.op === "heartbeat" ? this.#heartbeatOf(call) : this.#configurationOf(call);
    return run?.version ?? null;
  }

  /** `renewed` tells of a run within the call, `already` of any before its end. */
  #heartbeatOf({ from, incarnation, node = "", reply, seq, to }: Answered): Heartbeat | undefined {
    return this.#heartbeats.get(node)?.findLast((one) => {
      if (one.seq !== seq || one.at > to || (incarnation !== undefined && one.life !== incarnation)) return false;
      return reply === "already" || (one.reply === "renewed" && one.at >= from);
    });
  }

  #configurationOf({ from, instance, reply, to, version }: Answered): Configuration | undefined {
    const isNamed = (found: Version): boolean =>
      version === undefined || (found.epoch === version.epoch && found.sequence === version.sequence);
    return this.#configurations.find(
      (one) =>
        one.instance === instance && one.reply === reply && one.at >= from && one.at <= to && isNamed(one.version),
    );
  }
}
