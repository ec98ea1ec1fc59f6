/** Records the last steps on which both sides agreed, and explains a divergence with them. */
import type { Difference, Json } from "../conform/store/content.ts";
import type { Arrival } from "../simulate/servers/witness.ts";

/** How many of the last steps an explanation has. */
const mostSteps = 15;
const longest = 500;

export class StepLog {
  /** Formatted only when an explanation needs them. */
  #lines: (() => string)[] = [];

  stepped(arrival: Arrival, reply: Json): void {
    this.#add(() => stepText(arrival, reply));
  }

  note(text: string): void {
    this.#add(() => text);
  }

  explain(found: string, { model, path, store }: Difference, more: readonly string[]): readonly string[] {
    const place = path.map((part) => JSON.stringify(part).slice(1, -1)).join(" › ");
    return [
      `${found}: ${place}: found ${shown(store)}, allowed ${shown(model)}`,
      ...this.#lines.map((line) => `  ${short(line())}`),
      ...more.map((line) => `  ${short(line)}`),
    ];
  }

  #add(line: () => string): void {
    this.#lines.push(line);
    if (this.#lines.length > mostSteps) this.#lines.shift();
  }
}

function stepText({ at, instance, request, server, what }: Arrival, reply: Json): string {
  const { command } = what;
  const target = what.kind === "config" ? "cfg" : `p${what.partition}`;
  const node = "node" in command ? ` ${command.node}` : "";
  const job = "job" in command ? ` ${command.job}` : "";
  const call = `${command.kind}${node}${job}`;
  return `${at} ms   server ${server} ${target}   instance ${instance}, request ${request}   ${call}   ${shown(reply)}`;
}

function shown(value: Json | undefined): string {
  return value === undefined ? "nothing" : short(JSON.stringify(value));
}

function short(text: string): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
