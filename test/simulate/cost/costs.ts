/**
 * Measures what src/simulate/cost/processors.ts charges, and prints it: `node test/simulate/cost/costs.ts`. Run it on an idle machine; it takes half a minute.
 *
 * A block: the CPU time that a profile of simulated runs finds in the scheduler's own files, over the blocks that the same runs count. A timer, and
 * something that arrives: the CPU time of many, with the event loop and the socket that they come through.
 */
import { Session } from "node:inspector/promises";
import { connect, createServer } from "node:net";
import { loadScheduler } from "../../../src/mutants/schedulers.ts";
import { createScheduler } from "../../../src/scheduler/scheduler.ts";
import { scenarioNamed } from "../../../src/simulate/batch/batch.ts";
import { instrumented, work } from "../../../src/simulate/cost/instrument.ts";
import { costs } from "../../../src/simulate/cost/processors.ts";
import { planOf } from "../../../src/simulate/plan/plan.ts";
import { runPlan } from "../../../src/simulate/run/run.ts";

const seeds = 60;

async function runAll(create: typeof createScheduler): Promise<void> {
  const scenario = scenarioNamed("random-nemesis");
  for (let seed = 1; seed <= seeds; seed += 1) {
    await runPlan({ plan: planOf(scenario, seed), createScheduler: create, properties: ["V1"] });
  }
}

/** Nanoseconds a block. */
async function measureBlock(): Promise<number> {
  using counted = await loadScheduler(null, instrumented);
  const before = work.blocks;
  await runAll(counted.createScheduler);
  const blocks = work.blocks - before;
  await runAll(createScheduler); // warm
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: 100 });
  await session.post("Profiler.start");
  await runAll(createScheduler);
  const { profile } = await session.post("Profiler.stop");
  const own = new Set(
    profile.nodes.filter(({ callFrame }) => callFrame.url.includes("/src/scheduler/")).map(({ id }) => id),
  );
  const { samples = [], timeDeltas = [] } = profile;
  const micros = timeDeltas.reduce((sum, delta, index) => sum + (own.has(samples[index] ?? -1) ? delta : 0), 0);
  return (micros * 1_000) / blocks;
}

function cpuNanos(): number {
  const { system, user } = process.cpuUsage();
  return (system + user) * 1_000;
}

/** Nanoseconds a timer. */
async function measureTimer(): Promise<number> {
  const count = 100_000;
  const before = cpuNanos();
  await new Promise<void>((resolve) => {
    let left = count;
    for (let index = 0; index < count; index += 1) {
      setTimeout(
        () => {
          left -= 1;
          if (left === 0) resolve();
        },
        1 + (index % 1_000),
      );
    }
  });
  return (cpuNanos() - before) / count;
}

/** Nanoseconds a message of 300 bytes that is read from a socket, or written to one. */
async function measureArrival(): Promise<number> {
  const rounds = 30_000;
  const message = Buffer.alloc(300, "x");
  const server = createServer((socket) => socket.on("data", (data) => socket.write(data)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const socket = connect(address.port, "127.0.0.1");
  const before = cpuNanos();
  await new Promise<void>((resolve) => {
    let left = rounds;
    socket.on("data", () => {
      left -= 1;
      if (left === 0) resolve();
      else socket.write(message);
    });
    socket.write(message);
  });
  const spent = cpuNanos() - before;
  socket.destroy();
  server.close();
  // Two ends, each of which reads and writes once in a round.
  return spent / (2 * rounds);
}

const measured = { block: await measureBlock(), timer: await measureTimer(), arrival: await measureArrival() };
for (const [what, nanos] of Object.entries(measured)) {
  process.stdout.write(
    `${what.padEnd(8)} ${nanos.toFixed(1).padStart(9)} ns measured, ${costs[what as keyof typeof costs]} ns charged\n`,
  );
}
