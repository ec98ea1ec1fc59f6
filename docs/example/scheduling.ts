/**
 * A scheduler service with four workers, on a Redis of its own: `npm run example`. One worker dies on the way; its jobs are run by others. Then Redis
 * is away, for 3 s or for `npm run example -- --away 30`; nothing is lost by that, and nothing runs twice.
 * In a program of your own the import is `from "lockproof/scheduler"`, and `redis` is your server's address.
 */
import { parseArgs } from "node:util";
import { createScheduler } from "../../src/embed/scheduler.ts";
import { openLab } from "../../src/lab/lab.ts";
import { Worker } from "./worker.ts";

const jobs = 60;
const jobEvery = 50;
const jobLasts = 300;
const deathAt = 1_000;
/** Longer than a heartbeat keeps a worker: `heartbeatTtl` below, and 20 %. */
const { values } = parseArgs({ options: { away: { type: "string", default: "3" } } });
const away = 1_000 * Number(values.away);
const giveUpAfter = 60_000;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const pause = (duration: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, duration));

const lab = await openLab();
try {
  const server = await lab.redis();
  await schedule(server.url, async () => {
    say(`Redis is away for ${away / 1_000} s`);
    await server.pause();
    await pause(away);
    server.resume();
  });
  say(`On Redis ${server.version}; nothing is left behind.`);
} finally {
  await lab.close();
}

async function schedule(redis: string, goAway: () => Promise<void>): Promise<void> {
  /** How often each job has been done. */
  const done = new Map<string, number>();
  const lost: string[] = [];
  const workers = new Map<string, Worker>();
  let outage: Promise<void> | undefined;
  const scheduler = createScheduler({
    redis,
    name: "example",
    settings: { heartbeatTtl: 1_000, sweepInterval: 200, retention: 60_000 },
    onOrphaned({ node, jobs: orphans }) {
      say(`${node} is gone, and with it ${orphans.length} of its jobs: they are dispatched again`);
      lost.push(...orphans);
      for (const job of orphans) place(job);
      outage ??= goAway();
    },
  });

  const place = (job: string): void => {
    const wanted = { job, pool: "translation", source: "de", target: "en", services: ["text"] };
    const finished = (): void => void done.set(job, (done.get(job) ?? 0) + 1);
    scheduler.dispatch(wanted).then((placed) => {
      if (placed.kind === "dispatched") workers.get(placed.node)?.run(job, jobLasts, finished);
      else if (placed.kind !== "finished") setTimeout(place, jobEvery, job); // no room now, or Redis away: once more
    }, say);
  };

  await scheduler.start();
  for (const node of ["anna", "bert", "carla", "dora"]) {
    const worker = new Worker(scheduler, node);
    workers.set(node, worker);
    await worker.join();
  }
  say(`${workers.size} workers have joined`);

  const death = setTimeout(() => {
    say("bert dies");
    workers.get("bert")?.die();
  }, deathAt);
  for (let number = 1; number <= jobs; number += 1) {
    place(`job-${number}`);
    await pause(jobEvery);
  }
  const giveUp = performance.now() + away + giveUpAfter;
  while ((done.size < jobs || outage === undefined) && performance.now() < giveUp) await pause(jobEvery);
  await outage;
  clearTimeout(death);

  const twice = [...done.values()].filter((times) => times > 1).length;
  say(`${done.size} of ${jobs} jobs are done, ${lost.length} of them at the second attempt, ${twice} twice`);
  say(`still counted as running: ${await running(scheduler, [...workers.keys()])}`);
  for (const [node, worker] of workers) if (node !== "bert") await worker.leave();
  await scheduler.close();
}

async function running(scheduler: ReturnType<typeof createScheduler>, nodes: readonly string[]): Promise<number> {
  const answers = await Promise.all(nodes.map((node) => scheduler.getNode(node)));
  return answers.reduce((sum, { node }) => sum + (node?.status === "online" ? node.current_jobs : 0), 0);
}
