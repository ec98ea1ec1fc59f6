/** Run by close.alone.test.ts: starts a scheduler, closes it, and has nothing else to do. */
import { createScheduler, type SchedulerOptions } from "../../src/embed/scheduler.ts";
import { offer } from "./offers.ts";

const [redis = '""', how] = process.argv.slice(2);
const scheduler = createScheduler({ redis: JSON.parse(redis) as SchedulerOptions["redis"], silence: 200 });
const say = (text: string): void => void process.stdout.write(`${text}\n`);

if (how === "started") {
  await scheduler.start();
  say((await scheduler.registerNode(offer("closing"))).kind);
  await scheduler.close();
} else {
  const reported = scheduler
    .start()
    .catch((error: unknown) => say(error instanceof Error ? error.name : String(error)));
  await new Promise((resolve) => setTimeout(resolve, 100));
  await scheduler.close();
  await reported;
}
say("closed");
