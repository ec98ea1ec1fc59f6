/**
 * A program that embeds a scheduler, and has nothing else to do: it starts, goes on when a message says that its connections are back, closes, and
 * ends by itself. Its arguments: where the scheduler is loaded from, and its Redis.
 */
import { once } from "node:events";
import type * as Embedded from "../../../embed/scheduler.ts";

const [, , embedded = "", redis = ""] = process.argv;
const { createScheduler } = (await import(embedded)) as typeof Embedded;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** A timer of a call that is not cleared outlasts the check. A busy machine delays the calls. */
const settings = { partitions: 1, readDeadline: 1_000, writeDeadline: 10_000, budget: 2_000 };
const offer = { max_jobs: 1, pools: ["a"], languages: [{ source: "de", target: "en" }], services: [] };
const scheduler = createScheduler({ redis, settings });
const starting = scheduler.start();
say("made");
await starting;
say("started");
await once(process.stdin.resume(), "end");
const register = async () => (await scheduler.registerNode({ node: "n1", registration: "mine", ...offer })).kind;
while ((await register()) === "failed") await new Promise((resolve) => setTimeout(resolve, 10));
say("registered");
await scheduler.close();
say("closed");
