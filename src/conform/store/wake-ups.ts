/** The scripts' messages, as a subscriber receives them. A change without one is found by the next version check only. */
import type { Redis } from "ioredis";
import { keyspace } from "../../redis/scripts/keys.ts";
import type { Advanced } from "../advance.ts";
import { logOf, type Target } from "../plan/world.ts";
import type { Json } from "./content.ts";
import type { Names } from "./epochs.ts";
import { prefix } from "./expect.ts";

/** Not below the prefix: no message of a script is taken for a mark. */
export const channelOfMarks = "conform:mark";

export interface Published {
  readonly channel: string;
  readonly message: string;
}

/** A server delivers messages in the order in which they were published: what comes before a mark was published before it. */
export class WakeUps {
  #heard: Published[] = [];
  readonly #marks = new Map<string, (heard: readonly Published[]) => void>();

  /** @throws what the client throws */
  async listenOn(client: Redis): Promise<void> {
    client.on("pmessage", (_pattern: string, channel: string, message: string) => this.#received({ channel, message }));
    await client.psubscribe(`${prefix}*`, channelOfMarks);
  }

  /** All that was published since the last mark, once this one has arrived. */
  until(mark: string): Promise<readonly Published[]> {
    return new Promise((resolve) => {
      this.#marks.set(mark, resolve);
    });
  }

  #received(published: Published): void {
    if (published.channel !== channelOfMarks) {
      this.#heard.push(published);
      return;
    }
    this.#marks.get(published.message)?.(this.#heard);
    this.#marks.delete(published.message);
    this.#heard = [];
  }
}

const feedOf = (target: Target): string => keyspace(prefix, target === "cfg" ? "cfg" : `p${target}`).feed;

/** The messages a call has to publish: the version of a new epoch, then of each change, made or in vain; a group only that of the first (docs/protocol.md, section 3). */
export function expectedWakeUps(
  target: Target,
  { began, changes, isWokenInVain, world }: Omit<Advanced, "reply">,
  isGroup: boolean,
): Json {
  const meta = logOf(world, target).meta;
  if (meta === null) return [];
  const first = meta.sequence - changes;
  const all = changes + Number(isWokenInVain);
  const woken = isGroup ? Math.min(1, all) : all;
  const sequences = Array.from({ length: woken }, (_, index) => first + index + 1);
  return [...(began ? [0] : []), ...sequences].map((sequence) => [feedOf(target), `e${meta.epoch}:${sequence}`]);
}

/** By the model's names. */
export function publishedWakeUps(published: readonly Published[], target: Target, names: Names): Json {
  return published.map(({ channel, message }) => [
    channel,
    channel === feedOf(target) ? names.versionName(target, message) : message,
  ]);
}
