/**
 * A scheduler service with four workers, on a Redis of its own: `npm run example`. One worker dies on the way; its jobs are run by others.
 * In a program of your own the import is `from "lockproof/scheduler"`, and `redis` is your server's address.
 */
import { createScheduler } from "../../src/embed/scheduler.ts";
import { openLab } from "../../src/lab/lab.ts";
import { Worker } from "./worker.ts";

const jobs = 60;
const jobEvery = 50;
const jobLasts = 300;
const deathAt = 1_000;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const pause = (duration: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, duration));

const lab = await openLab();
try {
  const { url, version } = await lab.redis();
  await schedule(url);
  say(`On Redis ${version}; nothing is left behind.`);
} finally {
  await lab.close();
}

async function schedule(redis: string): Promise<void> {
  const done = new Set<string>();
  const lost: string[] = [];
  const workers = new Map<string, Worker>();
  const scheduler = createScheduler({
    redis,
    name: "example",
    settings: { heartbeatTtl: 1_000, sweepInterval: 200, retention: 60_000 },
    onOrphaned({ node, jobs: orphans }) {
      say(`${node} is gone, and with it ${orphans.length} of its jobs: they are dispatched again`);
      lost.push(...orphans);
      for (const job of orphans) place(job);
    },
  });

  const place = (job: string): void => {
    const wanted = { job, pool: "translation", source: "de", target: "en", services: ["text"] };
    scheduler.dispatch(wanted).then((placed) => {
      if (placed.kind === "dispatched") workers.get(placed.node)?.run(job, jobLasts, (finished) => done.add(finished));
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
  const giveUp = performance.now() + 5_000;
  while (done.size < jobs && performance.now() < giveUp) await pause(jobEvery);
  clearTimeout(death);

  say(`${done.size} of ${jobs} jobs are done, ${lost.length} of them at the second attempt`);
  say(`still counted as running: ${await running(scheduler, [...workers.keys()])}`);
  for (const [node, worker] of workers) if (node !== "bert") await worker.leave();
  await scheduler.close();
}

async function running(scheduler: ReturnType<typeof createScheduler>, nodes: readonly string[]): Promise<number> {
  const answers = await Promise.all(nodes.map((node) => scheduler.getNode(node)));
  return answers.reduce((sum, { node }) => sum + (node?.status === "online" ? node.current_jobs : 0), 0);
}
