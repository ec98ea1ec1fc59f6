/** A server that answers scripts as a check says, so that it can be asked what becomes of replies that no right server gives. */
import { createServer, type Server, type Socket } from "node:net";
import { loopback } from "../../../lab/process/port.ts";
import { close, listen, portOf } from "../../network/loopback.ts";
import { MessageReader } from "../../network/resp.ts";

/** A reply: a text, a number, nothing, a list, or an error. */
export type Said = string | number | null | { readonly error: string } | readonly Said[];

/** To the question for its layout, which is asked as soon as a connection stands. */
const nothingNew: Said = ["changes", "ab:0", []];

export class ScriptedRedis implements AsyncDisposable {
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  /** To the next scripts, before `said`. */
  readonly first: Said[] = [];
  /** To a script. */
  said: Said = nothingNew;
  /** To INFO, and to the question which rights the user lacks. */
  info: Said = "cluster_enabled:0";
  lacking: Said = [];
  /** To CLUSTER SLOTS; null: all of them are its own. */
  slots: Said = null;
  /** Connections that were made. */
  connections = 0;
  /** Whether it has the scripts: else it says NOSCRIPT, until it is sent one. */
  knows = true;
  /** To a login. */
  login: Said = "OK";
  /** User and password of each login. */
  readonly logins: (readonly string[])[] = [];
  /** The commands that carried a script. */
  readonly asked: (readonly string[])[] = [];
  /** The names of all commands. */
  readonly heard: string[] = [];
  /** A connection that asks this is answered nothing from then on. */
  silentTo: string | null = null;
  /** Answers to this command wait until `release`. */
  heldBack: string | null = null;
  readonly #held: (() => void)[] = [];

  private constructor() {
    this.#server = createServer({ noDelay: true }, (client) => {
      const reader = new MessageReader();
      this.#clients.add(client);
      this.connections += 1;
      client.on("close", () => this.#clients.delete(client));
      client.on("error", () => client.destroy());
      let isMute = false;
      client.on("data", (chunk: Buffer) => {
        for (const { parts } of reader.read(chunk)) {
          const name = (parts[0] ?? "").toLowerCase();
          this.heard.push(name);
          isMute ||= name === this.silentTo;
          if (isMute) continue;
          const answer = (): unknown => client.write(written(this.#answer(name, parts)));
          if (name === this.heldBack) this.#held.push(answer);
          else answer();
        }
      });
    });
  }

  static async open(): Promise<ScriptedRedis> {
    const redis = new ScriptedRedis();
    await listen(redis.#server);
    return redis;
  }

  get url(): string {
    return `redis://${loopback}:${this.port}`;
  }

  get port(): number {
    return portOf(this.#server);
  }

  /** Connections that stand. */
  get standing(): number {
    return this.#clients.size;
  }

  /** Answers that are held back. */
  get held(): number {
    return this.#held.length;
  }

  release(): void {
    this.heldBack = null;
    for (const answer of this.#held.splice(0)) answer();
  }

  /** These slots are its own. */
  owning(first: number, last: number): Said {
    return [first, last, [loopback, this.port, "0".repeat(40)]];
  }

  /** Ends the connections; new ones are accepted. */
  cut(): void {
    for (const client of this.#clients) client.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await close(this.#server, () => this.cut());
  }

  #next(): Said {
    const next = this.first.shift();
    return next === undefined ? this.said : next;
  }

  #answer(name: string, parts: readonly string[]): Said {
    switch (name) {
      case "auth":
        this.logins.push(parts.slice(1));
        return this.login;
      case "info":
        return this.info;
      case "cluster":
        return this.slots ?? [this.owning(0, 16_383)];
      case "eval":
        if (parts[2] === "0") return this.lacking;
        this.asked.push(parts);
        return this.#next();
      case "evalsha":
        this.asked.push(parts);
        return this.knows ? this.#next() : { error: "NOSCRIPT No matching script. Please use EVAL." };
      default:
        return "OK";
    }
  }
}

function written(said: Said): string {
  if (said === null) return "$-1\r\n";
  if (typeof said === "number") return `:${said}\r\n`;
  if (typeof said === "string") return `$${Buffer.byteLength(said)}\r\n${said}\r\n`;
  if ("error" in said) return `-${said.error}\r\n`;
  return `*${said.length}\r\n${said.map(written).join("")}`;
}
