/** The messages of a plan: each copy of a call and each answer, as messages of a timeline. */
import type { Message } from "../../evidence/timeline.ts";

interface InFlight {
  readonly name: number;
  readonly client: number;
  readonly connection: number;
  /** Its index in `messages`. */
  readonly message: number;
}

/** Follows the same rules as traffic.ts: a name means the newest call of that name. */
export class InFlightMessages {
  readonly messages: Message[] = [];
  readonly #requests: InFlight[] = [];
  readonly #answers: InFlight[] = [];
  readonly #connections = new Map<number, number>();
  /** Name -> the client of the call, and its text. */
  readonly #calls = new Map<number, { readonly client: number; readonly words: string }>();

  send(event: number, name: number, client: number, words: string): void {
    this.#calls.set(name, { client, words });
    this.#request(event, name);
  }

  callerOf(name: number): { readonly client: number; readonly words: string } | undefined {
    return this.#calls.get(name);
  }

  again(event: number, name: number): void {
    this.#request(event, name);
  }

  isInFlight(name: number): boolean {
    return this.#requests.some((each) => each.name === name);
  }

  /** A copy of the call reaches the store, or is lost. */
  take(event: number, name: number, end: "arrived" | "lost"): InFlight | undefined {
    return this.#end(this.#requests, event, name, end);
  }

  /** The store answers; a client with a new connection by now does not receive it. */
  answer(event: number, { name, client, connection }: InFlight, words: string, how: "heard" | "late" | "lost"): void {
    const isOld = connection < this.#connection(client);
    const lost = how === "lost" || (how === "heard" && isOld);
    const way = { sent: event, from: "store", to: laneOfClient(client), words };
    if (how === "late") this.#answers.push({ name, client, connection, message: this.messages.length });
    const ended = how === "late" ? null : event;
    this.messages.push({ ...way, ended, fate: how === "late" ? "on_its_way" : lost ? "lost" : "arrived" });
  }

  hasAnswer(name: number): boolean {
    return this.#answers.some((each) => each.name === name);
  }

  /** @returns whether its client received it */
  bring(event: number, name: number): boolean {
    const answer = this.#answers.findLast((each) => each.name === name);
    const isHeard = answer !== undefined && answer.connection >= this.#connection(answer.client);
    this.#end(this.#answers, event, name, isHeard ? "arrived" : "lost");
    return isHeard;
  }

  reconnect(client: number): void {
    this.#connections.set(client, this.#connection(client) + 1);
  }

  #connection(client: number): number {
    return this.#connections.get(client) ?? 0;
  }

  #request(event: number, name: number): void {
    const call = this.#calls.get(name);
    if (call === undefined) return;
    const { client, words } = call;
    this.#requests.push({ name, client, connection: this.#connection(client), message: this.messages.length });
    this.messages.push({
      sent: event,
      from: laneOfClient(client),
      to: "store",
      ended: null,
      words,
      fate: "on_its_way",
    });
  }

  #end(pending: InFlight[], event: number, name: number, end: "arrived" | "lost"): InFlight | undefined {
    const at = pending.findLastIndex((each) => each.name === name);
    const [request] = at < 0 ? [] : pending.splice(at, 1);
    const message = request && this.messages[request.message];
    if (request === undefined || message === undefined) return undefined;
    const isLate =
      end === "arrived" &&
      this.messages.some(
        (other) =>
          other.from === message.from &&
          other.to === message.to &&
          other.sent > message.sent &&
          other.ended !== null &&
          other.fate !== "lost",
      );
    this.messages[request.message] = { ...message, ended: event, fate: isLate ? "late" : end };
    return request;
  }
}

export function laneOfClient(client: number): string {
  return `client ${client}`;
}
