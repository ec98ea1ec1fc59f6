/** A hop before the bus port of one node of a Cluster: forwards all traffic but that of peers from which the node has been separated. */
import { connect, createServer, type Server, type Socket } from "node:net";
import { loopback } from "../../lab/process/port.ts";
import { close, listen, portOf } from "./loopback.ts";

/** Position of the sender's name in the header of every bus message. */
const nameAt = { from: 40, to: 80 } as const;

/** @param sender the name of a node @returns whether its messages are dropped */
type IsParted = (sender: string) => boolean;

export class BusHop implements AsyncDisposable {
  readonly #server: Server;
  readonly #links = new Set<BusLink>();
  #isParted: IsParted = () => false;

  private constructor(busPort: number) {
    this.#server = createServer({ noDelay: true }, (peer) => {
      const link = new BusLink(peer, busPort, (sender) => this.#isParted(sender));
      this.#links.add(link);
      link.onEnd(() => this.#links.delete(link));
    });
    // It exists as long as the servers do, and must not keep the process alive.
    this.#server.unref();
  }

  static async open(busPort: number): Promise<BusHop> {
    const hop = new BusHop(busPort);
    await listen(hop.#server);
    return hop;
  }

  get port(): number {
    return portOf(this.#server);
  }

  part(isParted: IsParted): void {
    this.#isParted = isParted;
  }

  /** Connections that lost bytes are closed: their streams cannot continue. */
  join(): void {
    this.#isParted = () => false;
    for (const link of [...this.#links]) link.endIfBroken();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await close(this.#server, () => {
      for (const link of [...this.#links]) link.end();
    });
  }
}

class BusLink {
  readonly #peer: Socket;
  readonly #node: Socket;
  readonly #isParted: IsParted;
  /** The first bytes, until they contain the sender's name. */
  #begun: Buffer = Buffer.alloc(0);
  #sender: string | null = null;
  #isBroken = false;
  #onEnd: () => void = () => {};

  constructor(peer: Socket, busPort: number, isParted: IsParted) {
    this.#peer = peer;
    this.#isParted = isParted;
    this.#node = connect({ host: loopback, port: busPort, noDelay: true });
    peer.on("data", (chunk: Buffer) => this.#fromPeer(chunk));
    this.#node.on("data", (chunk: Buffer) => this.#pass(this.#peer, chunk));
    for (const socket of [peer, this.#node]) {
      socket.on("error", () => this.end());
      socket.on("close", () => this.end());
    }
  }

  onEnd(callback: () => void): void {
    this.#onEnd = callback;
  }

  end(): void {
    this.#peer.destroy();
    this.#node.destroy();
    this.#onEnd();
  }

  endIfBroken(): void {
    if (this.#isBroken) this.end();
  }

  #fromPeer(chunk: Buffer): void {
    if (this.#sender !== null) {
      this.#pass(this.#node, chunk);
      return;
    }
    this.#begun = Buffer.concat([this.#begun, chunk]);
    if (this.#begun.length < nameAt.to) return;
    this.#sender = this.#begun.toString("latin1", nameAt.from, nameAt.to);
    this.#pass(this.#node, this.#begun);
  }

  #pass(to: Socket, chunk: Buffer): void {
    if (!this.#isBroken && !(this.#sender !== null && this.#isParted(this.#sender))) to.write(chunk);
    else this.#isBroken = true;
  }
}
