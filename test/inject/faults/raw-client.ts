/** A raw socket, which shows the bytes on the wire themselves. */
import { connect, type Socket } from "node:net";
import { waitFor } from "../../../src/lab/process/wait.ts";
import { encode } from "../../../src/lab/servers/redis-wire.ts";

const patient = { timeout: 5_000, interval: 1 };

export class RawClient implements Disposable {
  readonly #socket: Socket;
  /** Each piece as it came in. */
  readonly pieces: { readonly at: number; readonly text: string }[] = [];
  #closedAt: number | null = null;
  #error: string | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.pieces.push({ at: performance.now(), text: chunk.toString("latin1") }));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#error = error.code ?? error.message;
    });
    socket.on("close", () => {
      this.#closedAt = performance.now();
    });
  }

  /** @throws Error with the code of the refusal */
  static async open(port: number): Promise<RawClient> {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    const client = new RawClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return client;
  }

  send(...command: readonly string[]): void {
    this.#socket.write(encode(command));
  }

  /** Sends it and waits for the next bytes. */
  async ask(...command: readonly string[]): Promise<string> {
    const before = this.text.length;
    this.send(...command);
    await this.until(() => this.text.length > before);
    return this.text.slice(before);
  }

  get text(): string {
    return this.pieces.map(({ text }) => text).join("");
  }

  get isClosed(): boolean {
    return this.#closedAt !== null;
  }

  /** In `performance.now()`. */
  get closedAt(): number {
    return this.#closedAt ?? Number.NaN;
  }

  get error(): string | null {
    return this.#error;
  }

  /** @throws Error when it has not come true within 5 s */
  async until(isTrue: () => boolean): Promise<void> {
    if ((await waitFor(() => (isTrue() ? true : undefined), patient)) === true) return;
    throw new Error(`not within 5 s; received ${JSON.stringify(this.text)}, closed: ${this.isClosed}`);
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
