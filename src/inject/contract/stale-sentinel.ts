/** A Sentinel that does not know of the last failover yet: it names one server first, and another from then on. */
import { createServer, type Server } from "node:net";
import { loopback } from "../../lab/process/port.ts";
import { encode } from "../../lab/servers/redis-wire.ts";
import { listen, portOf } from "../network/loopback.ts";
import { MessageReader } from "../network/resp.ts";

export class StaleSentinel implements AsyncDisposable {
  readonly #server: Server;
  readonly #names: number[];

  private constructor(ports: readonly number[]) {
    this.#names = [...ports];
    this.#server = createServer((client) => {
      const reader = new MessageReader();
      client.on("error", () => client.destroy());
      client.on("data", (chunk: Buffer) => {
        for (const { parts } of reader.read(chunk)) client.write(this.#answer(parts));
      });
    });
    this.#server.unref();
  }

  /** @param ports named one after another; the last one from then on */
  static async open(...ports: readonly number[]): Promise<StaleSentinel> {
    const sentinel = new StaleSentinel(ports);
    await listen(sentinel.#server);
    return sentinel;
  }

  get port(): number {
    return portOf(this.#server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
  }

  #answer([command = "", what = ""]: readonly string[]): string {
    if (command.toLowerCase() !== "sentinel") return "+OK\r\n";
    if (what.toLowerCase() !== "get-master-addr-by-name") return "*0\r\n";
    const port = this.#names.length > 1 ? this.#names.shift() : this.#names[0];
    return encode([loopback, String(port)]);
  }
}
