/** A claim about a whole program: that nothing of a scheduler ends it early, speaks in its place, or keeps it. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { extname } from "node:path";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type * as NodeVersion from "../../../embed/node-version.ts";
import { waitFor } from "../../../lab/process/wait.ts";
import type { ContractCheck } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { callTimeout } from "../world.ts";

const path = fileURLToPath(new URL(`./closing-program${extname(import.meta.url)}`, import.meta.url));

/** It takes a second or more to load, on a machine that is busy. */
const patience = { timeout: 10 * callTimeout, interval: 10 };
/** Longer than what a Redis client and its sockets take to end. */
const endsWithin = { timeout: 2.5 * callTimeout, interval: 10 };

class Program implements Disposable {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  said = "";
  complaints = "";

  constructor(...parameters: readonly string[]) {
    this.#child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", path, ...parameters], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child.stdin.on("error", () => {}); // it may have ended
    this.#child.stdout.on("data", (chunk: Buffer) => {
      this.said += chunk.toString();
    });
    this.#child.stderr.on("data", (chunk: Buffer) => {
      this.complaints += chunk.toString();
    });
  }

  /** Null while it runs. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** Resolves when it has said so, or has ended. */
  async says(text: string): Promise<void> {
    await waitFor(() => (this.said.includes(text) || this.exitCode !== null ? true : undefined), patience);
  }

  goOn(): void {
    this.#child.stdin.end("go on\n");
  }

  [Symbol.dispose](): void {
    this.#child.kill("SIGKILL");
  }
}

const olderNodes = ["18.20.8", "20.19.2", "22.0.0", "22.17.9"];
const newEnoughNodes = ["22.18.0", "22.19.1", "24.0.0", "26.1.0"];

export const programChecks: readonly ContractCheck[] = [
  {
    id: "older-node-refused",
    property: "K7",
    claim: "a Node that is older than what the scheduler needs is refused by its import, with the documented code",
    async run({ modules }) {
      const compare = new Comparisons();
      const file = modules.embedded.replace(/scheduler(\.\w+)$/u, "node-version$1");
      const { checkNode } = (await import(/* @vite-ignore */ file)) as typeof NodeVersion;
      const outcome = (version: string): string => {
        try {
          checkNode(version);
          return "ok";
        } catch (error) {
          return error instanceof Error && "code" in error ? String(error.code) : String(error);
        }
      };
      for (const version of olderNodes) compare.same(version, outcome(version), "ERR_LOCKPROOF_NODE");
      for (const version of newEnoughNodes) compare.same(version, outcome(version), "ok");
      return compare.found;
    },
  },
  {
    id: "program-ends",
    property: "K6",
    claim:
      "a program lives on while its scheduler has no Redis, hears nothing of it on its outputs, and ends by itself once it has closed it",
    async run({ modules, redis, relay }) {
      const compare = new Comparisons();
      await relay.refuse();
      using program = new Program(modules.embedded, relay.url);
      await program.says("made");
      // Its first attempts to connect fail.
      await new Promise((resolve) => setTimeout(resolve, 100));
      await relay.accept();
      await program.says("started");
      await redis.pause();
      // A ping of its subscription is in flight when the connections break.
      await new Promise((resolve) => setTimeout(resolve, 400));
      await relay.refuse();
      redis.resume();
      await relay.accept();
      await redis.execute("CONFIG", "SET", "min-replicas-to-write", "1");
      program.goOn();
      await program.says("refused");
      await redis.execute("CONFIG", "SET", "min-replicas-to-write", "0");
      await program.says("closed");
      await waitFor(() => (program.exitCode === null ? undefined : true), endsWithin);
      const said = ["made", "started", "refused", "registered", "closed", ""];
      compare.same("what the program said", program.said.split("\n"), said);
      compare.same("what was said on its standard error", program.complaints, "");
      compare.same(`its exit code ${endsWithin.timeout} ms after it had closed its scheduler`, program.exitCode, 0);
      return compare.found;
    },
  },
];
