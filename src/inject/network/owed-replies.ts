/** The replies that one connection is owed, in the order of its requests, and the messages that come beside them. */
import { nameOf } from "./calls.ts";
import type { Message } from "./resp.ts";

/** By which a subscription is confirmed, in place of a reply. */
const confirmations: ReadonlySet<string> = new Set([
  ...["subscribe", "psubscribe", "ssubscribe", "unsubscribe", "punsubscribe", "sunsubscribe"],
]);
/** By which a subscriber learns that something has changed. */
const wakeUps: ReadonlySet<string> = new Set(["message", "pmessage", "smessage", "invalidate"]);

interface Owed<Treatment> {
  readonly treatment: Treatment;
  /** Confirmations that are missing of a subscription; 0: a reply. */
  confirmations: number;
}

export class OwedReplies<Treatment> {
  readonly #owed: Owed<Treatment>[] = [];
  #hasSubscribed = false;
  /** CLIENT REPLY: how many requests get no reply. */
  #unanswered = 0;

  /** @param treatment of the reply to the request */
  expect(request: readonly string[], treatment: Treatment): void {
    if (request.length === 0) return; // Redis ignores it
    const name = nameOf(request);
    if (name === "CLIENT" && request[1]?.toUpperCase() === "REPLY") this.#choose(request[2]);
    if (this.#unanswered > 0) {
      this.#unanswered -= 1;
      return;
    }
    const isSubscription = confirmations.has(name.toLowerCase());
    this.#hasSubscribed ||= isSubscription;
    this.#owed.push({ treatment, confirmations: isSubscription ? Math.max(1, request.length - 1) : 0 });
  }

  /** @returns the treatment of a reply; undefined: it answers no request */
  next(message: Message): Treatment | undefined {
    if (this.#isBeside(message)) {
      this.#confirm(message);
      return undefined;
    }
    return this.#owed.shift()?.treatment;
  }

  /** Whether the message tells a subscriber that something has changed. */
  isWakeUp(message: Message): boolean {
    return this.#isBeside(message) && wakeUps.has(message.parts[0] ?? "");
  }

  /** RESP2 has no type for messages that answer nothing: only subscribers get them. */
  #isBeside({ parts, type }: Message): boolean {
    if (type === ">") return true;
    if (type !== "*" || !this.#hasSubscribed) return false;
    return wakeUps.has(parts[0] ?? "") || confirmations.has(parts[0] ?? "");
  }

  #confirm({ parts }: Message): void {
    const [first] = this.#owed;
    if (first === undefined || first.confirmations === 0 || !confirmations.has(parts[0] ?? "")) return;
    first.confirmations -= 1;
    if (first.confirmations === 0) this.#owed.shift();
  }

  #choose(how: string | undefined): void {
    const word = how?.toUpperCase();
    if (word === "OFF") this.#unanswered = Number.POSITIVE_INFINITY;
    else if (word === "ON") this.#unanswered = 0;
    else if (word === "SKIP" && this.#unanswered === 0) this.#unanswered = 2; // it itself and the next one
  }
}
