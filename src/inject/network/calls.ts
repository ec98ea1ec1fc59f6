/** The calls of one connection: a request by itself, or a transaction from MULTI to EXEC. */
import type { Message } from "./resp.ts";

export interface Call {
  /** Each with its arguments; of a transaction those that it queued. */
  readonly commands: readonly (readonly string[])[];
  /** The bytes of each request that has to be sent to make it once more. */
  readonly requests: readonly Buffer[];
}

export class CallReader {
  #transaction: { readonly commands: (readonly string[])[]; readonly requests: Buffer[] } | null = null;

  /**
   * @param raw the request as it is forwarded
   * @returns the call that the request completes; null: a transaction goes on
   */
  take({ parts }: Message, raw: Buffer): Call | null {
    const name = nameOf(parts);
    const transaction = this.#transaction;
    if (transaction === null) {
      if (name !== "MULTI") return { commands: [parts], requests: [raw] };
      this.#transaction = { commands: [], requests: [raw] };
      return null;
    }
    transaction.requests.push(raw);
    if (name !== "EXEC" && name !== "DISCARD" && name !== "RESET") {
      transaction.commands.push(parts);
      return null;
    }
    this.#transaction = null;
    return name === "EXEC" ? transaction : { commands: [parts], requests: [raw] };
  }
}

/** The name of a request's command; Redis takes it in any case. */
export function nameOf([name = ""]: readonly string[]): string {
  return name.toUpperCase();
}

/** More names than any client uses: what is no command must not fill the memory. */
const mostNames = 500;

/** How often each command was asked for. */
export class CommandCounts {
  readonly #counts = new Map<string, number>();

  add(request: readonly string[]): void {
    const name = nameOf(request).slice(0, 40);
    const count = this.#counts.get(name);
    if (count !== undefined || this.#counts.size < mostNames) this.#counts.set(name, (count ?? 0) + 1);
  }

  snapshot(): ReadonlyMap<string, number> {
    return new Map(this.#counts);
  }

  /** The commands that have come since a snapshot. */
  since(before: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
    const more = [...this.#counts].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const);
    return Object.fromEntries(more.filter(([, count]) => count > 0));
  }
}
