/** The steps about what is no ordinary request: wrong input, many requests, and what is done to the process and to its Redis. */
import type { PipedProcess } from "../../../lab/process/piped-process.ts";
import type { Conversation, Said } from "./conversation.ts";
import { askServed, expectOutcome, linesOf, outcomeOf, type Running, type Step, StepError } from "./step.ts";

const within = 5_000;
const offer = { max_jobs: 2, pools: ["check"], languages: [{ source: "en", target: "de" }], services: [] };
const manyRequests = 200;
/** A write that Redis does not answer has to end by the system's own timeout. */
const timeoutWithin = 5_000;
const pausedFor = 500;

const badInput: Step = {
  name: "wrong input is refused, and the system goes on",
  section: "Errors",
  async run(bench) {
    const { talk } = await bench.start(0);
    const refused = async (body: object, codes: readonly string[]): Promise<void> => {
      const said = await talk.say(body, within);
      const isRight = said.kind === "refused" && codes.includes(said.code) && said.definite;
      if (!isRight) throw new StepError(outcomeOf(said), `a definite error ${codes.join(" or ")}`, linesOf(said));
    };
    await refused({ op: "no_such_operation" }, ["unsupported", "invalid"]);
    await refused({ op: "reserve_job", node: "check-bad" }, ["invalid"]);
    await refused({ op: "register_node", node: 7 }, ["invalid"]);
    talk.write("this is not JSON");
    talk.write("");
    const said = await talk.ask({ op: "reserve_job", node: "check-no-such-node", job: "check-x" }, within);
    expectOutcome(said, ["not_online"]);
    return "three wrong requests refused; a line that is not JSON ended nothing";
  },
};

const manyInFlight: Step = {
  name: `${manyRequests} requests in flight, each answered once`,
  section: "Lines",
  async run(bench) {
    const { talk } = await bench.start(0);
    const node = "check-many";
    const started = performance.now();
    expectOutcome(await askServed(talk, { op: "register_node", node, ...offer, max_jobs: manyRequests }, within), [
      "registered",
    ]);
    const inFlight = (jobs: readonly string[]) =>
      Promise.all(
        jobs.map(async (job) => ({ job, said: await askServed(talk, { op: "reserve_job", node, job }, 2 * within) })),
      );
    let open = await inFlight(Array.from({ length: manyRequests }, (_, index) => `check-many-${index}`));
    for (const { said } of open) if (!isOpen(said)) expectOutcome(said, ["reserved"]);
    open = open.filter(({ said }) => isOpen(said));
    // A busy machine makes a right system give up many, and degrade for a moment.
    for (const until = performance.now() + within; open.length > 0 && performance.now() < until; ) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const again = await inFlight(open.map(({ job }) => job));
      for (const { said } of again) if (said.kind === "answered") expectOutcome(said, ["reserved", "already"]);
      open = again.filter(({ said }) => said.kind !== "answered");
    }
    if (open.length > 0)
      throw new StepError(
        `${open.length} calls whose outcome was still unknown after ${within} ms`,
        "none: those of unknown outcome are sent again, all at once",
        open.flatMap(({ said }) => linesOf(said)).slice(0, 2),
      );
    const more = await askServed(talk, { op: "reserve_job", node, job: "check-many-more" }, within);
    expectOutcome(more, ["full"]);
    return `all reserved in ${Math.round(performance.now() - started)} ms`;
  },
};

const redisStopped: Step = {
  name: "Redis is stopped: calls end, and work again afterwards",
  section: "Errors",
  async run(bench) {
    const running = await bench.start(0);
    const { talk } = running;
    const node = "check-stopped";
    expectOutcome(await askServed(talk, { op: "register_node", node, ...offer }, within), ["registered"]);
    await bench.redis.pause();
    try {
      const [write, status] = await Promise.all([
        talk.ask({ op: "reserve_job", node, job: "check-s" }, timeoutWithin),
        running.has("status") ? talk.ask({ op: "status" }, 1_000) : null,
      ]);
      if (write.kind === "answered")
        throw new StepError(`the answer ${outcomeOf(write)}`, "an error: Redis did not answer", linesOf(write));
      if (write.kind !== "refused")
        throw new StepError(outcomeOf(write), `an error within ${timeoutWithin} ms`, linesOf(write));
      if (status !== null && status.kind !== "answered")
        throw new StepError(outcomeOf(status), "a status from memory", linesOf(status));
    } finally {
      bench.redis.resume();
    }
    const said = await untilAnswered(talk, node, "check-s2");
    if (said.kind !== "answered")
      throw new StepError(outcomeOf(said), `an answer within ${within} ms of Redis's return`, linesOf(said));
    return "the write failed within its time, and another one worked afterwards";
  },
};

const pausedAndKilled: Step = {
  name: "the process is stopped, killed and started again",
  section: "What is done to a process",
  async run(bench) {
    const node = "check-killed";
    const { process, talk } = await bench.start(0);
    expectOutcome(await askServed(talk, { op: "register_node", node, ...offer }, within), ["registered"]);
    expectOutcome(await askServed(talk, { op: "reserve_job", node, job: "check-k" }, within), ["reserved"]);
    await process.pause();
    const asked = talk.ask({ op: "reserve_job", node, job: "check-k" }, within + pausedFor);
    await new Promise((resolve) => setTimeout(resolve, pausedFor));
    process.resume();
    await asked; // it may fail: the system was away for longer than its own timeout
    expectOutcome(await untilAnswered(talk, node, "check-k"), ["already"]);
    await process.kill();
    const again = await bench.start(0);
    expectOutcome(await askServed(again.talk, { op: "reserve_job", node, job: "check-k" }, within), ["already"]);
    return "nothing was lost";
  },
};

const inputEnds: Step = {
  name: "it ends when its input ends, and after shutdown",
  section: "Lines",
  async run(bench) {
    const first = await bench.start(0);
    first.process.stdin.end();
    await endOf(first.process, "its input had ended");
    const second: Running = await bench.start(0);
    const said = await second.talk.ask({ op: "shutdown" }, within);
    expectOutcome(said, ["ok"]);
    await endOf(second.process, "shutdown was answered");
    return "both times by itself";
  },
};

/** Whether it ended without saying what became of it, as a call may whose system waits for a processor. */
function isOpen(said: Said<"reserve_job">): boolean {
  return said.kind === "refused" && !said.definite;
}

/** Repeats a reserve that fails. @returns how it failed last, where nothing answers it in time */
async function untilAnswered(talk: Conversation, node: string, job: string): Promise<Said<"reserve_job">> {
  const until = performance.now() + within;
  for (;;) {
    const said = await talk.ask({ op: "reserve_job", node, job }, within);
    if (said.kind === "answered" || performance.now() > until) return said;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function endOf(process: PipedProcess, after: string): Promise<void> {
  const late = Symbol("late");
  const timer = Promise.withResolvers<typeof late>();
  const timeout = setTimeout(() => timer.resolve(late), within);
  const ended = await Promise.race([process.ended, timer.promise]);
  clearTimeout(timeout);
  if (ended === late) throw new StepError(`a process that still ran ${within} ms after ${after}`, "its end");
}

export const endingSteps: readonly Step[] = [badInput, manyInFlight, redisStopped, pausedAndKilled, inputEnds];
