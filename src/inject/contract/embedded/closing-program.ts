/**
 * A program that embeds a scheduler, and has nothing else to do: it starts, goes on when a message says that its connections are back, registers a node
 * until that is refused and until it is not, closes, and ends by itself. Its arguments: where the scheduler is loaded from, and its Redis.
 */
import { once } from "node:events";
import type * as Embedded from "../../../embed/scheduler.ts";

const [, , embedded = "", redis = ""] = process.argv;
const { createScheduler } = (await import(embedded)) as typeof Embedded;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** A timer of a call that is not cleared outlasts the check. A busy machine delays the calls. */
const settings = { partitions: 1, readDeadline: 1_000, writeDeadline: 10_000, budget: 2_000 };
const offer = { max_jobs: 1, pools: ["a"], languages: [{ source: "de", target: "en" }], services: [] };
const scheduler = createScheduler({ redis, settings, logger: "error" });
const starting = scheduler.start();
say("made");
await starting;
say("started");
await once(process.stdin.resume(), "end");
const register = async (): Promise<string> => {
  await new Promise((resolve) => setTimeout(resolve, 10));
  const answer = await scheduler.registerNode({ node: "n1", registration: "mine", ...offer });
  return "cause" in answer ? answer.cause : answer.kind;
};
while ((await register()) !== "readonly");
say("refused");
while ((await register()) !== "registered");
say("registered");
await scheduler.close();
say("closed");
