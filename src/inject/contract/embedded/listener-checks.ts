/** Claims about what an embedded scheduler is given: signals, callbacks and a logger. */
import { getEventListeners } from "node:events";
import { loopback } from "../../../lab/process/port.ts";
import type { ContractCheck } from "../check.ts";
import { Comparisons } from "../comparisons.ts";
import { callTimeout } from "../world.ts";
import { allClosed, embedded, embeddedModule, offer, outcome, reason, settings, until } from "./embedded.ts";

const levels = ["debug", "info", "warn", "error"] as const;
type Line = Readonly<Record<string, unknown>>;

/** More than 64 characters, with what would begin a line or steer a terminal. */
const oddNode = `n\n\u{1b}[2J\u{2028}${"x".repeat(80)}`;
const shownNode = `n\\u{a}\\u{1b}[2J\\u{2028}${"x".repeat(57)}…`;

const beat = { node: "n1", incarnation: "a:1", seq: 1, metrics: {}, running: [] };

/** More than a line names. */
const jobs = Array.from({ length: 12 }, (_, index) => `j${index + 10}`);

export const listenerChecks: readonly ContractCheck[] = [
  {
    id: "started-once",
    property: "K6",
    claim: "start and close are each made once, however often they are called; each signal is heard, and none is kept",
    async run(world) {
      const compare = new Comparisons();
      const [whole, starting, closing] = [new AbortController(), new AbortController(), new AbortController()];
      const scheduler = await embedded(world, { signal: whole.signal });
      const listeners = () => [whole, starting].map(({ signal }) => getEventListeners(signal, "abort").length);
      let reports = 0;
      const onProgress = () => {
        reports += 1;
      };
      const start = scheduler.start({ signal: starting.signal, onProgress });
      compare.same("start", [await outcome(start), scheduler.start() === start], ["ok", true]);
      compare.same("whether progress was reported", reports > 0, true);
      compare.same("listeners of its signals once it has started", listeners(), [1, 0]);
      await world.redis.pause();
      const write = scheduler.registerNode({ node: "n1", ...offer });
      const close = scheduler.close();
      compare.same("close is one", scheduler.close({ signal: closing.signal }) === close, true);
      closing.abort(reason);
      compare.same("a write once close is aborted", await outcome(write, callTimeout / 2), "ok");
      world.redis.resume();
      const answer = await write;
      compare.same("its answer", "cause" in answer ? [answer.cause, answer.applied] : answer.kind, [
        "closed",
        "unknown",
      ]);
      compare.same("close", await outcome(close), "ok");
      compare.same("listeners of its signals once it is closed", listeners(), [0, 0]);
      const other = await embedded(world);
      await other.start();
      await world.redis.pause();
      const due = other.registerNode({ node: "n1", ...offer });
      const closed = other.close({ signal: AbortSignal.abort(reason) });
      compare.same("a write at a close that is aborted", await outcome(due, callTimeout / 2), "ok");
      world.redis.resume();
      compare.same("that close", await outcome(closed), "ok");
      return compare.found;
    },
  },
  {
    id: "events-given",
    property: "M1",
    claim: "each event is given to onEvent once, after the step in which it happened",
    async run(world) {
      const compare = new Comparisons();
      const kinds: string[] = [];
      const given: object[] = [];
      const scheduler = await embedded(world, {
        onEvent: (event) => {
          kinds.push(event.kind);
          if (event.kind === "selected") given.push(event);
        },
      });
      const selections = () => kinds.filter((kind) => kind === "selected").length;
      await scheduler.start();
      await until(() => kinds.includes("ready"));
      compare.same("ready", kinds.filter((kind) => kind === "ready").length, 1);
      const before = performance.now();
      const selection = scheduler.selectNodes({ pool: "a", source: "de", target: "en", services: [], count: 1 });
      const after = performance.now();
      compare.same("a selection, before it has returned", selections(), 0);
      await until(() => selections() > 0);
      compare.same("a selection", selections(), 1);
      const { at, ...payload } = { at: 0, ...given[0] };
      compare.same("what it says", payload, { kind: "selected", ...selection });
      compare.same("its time is that of the selection", at >= before && at <= after, true);
      return compare.found;
    },
  },
  {
    id: "closed-after-a-fault",
    property: "K6",
    claim:
      "once a fault has stopped it, an embedded scheduler is closed as any other, and the fault is thrown or logged",
    async run(world) {
      const compare = new Comparisons();
      const lines: string[] = [];
      const note = (_: object, message: string) => lines.push(message);
      /** A logger is called within the step, so its error is a fault of the step. */
      let isBroken = true;
      const warn = () => {
        if (isBroken) throw reason;
      };
      const abort = new AbortController();
      const { createScheduler } = await embeddedModule(world);
      for (const how of ["close", "signal"] as const) {
        lines.length = 0;
        const logger = { debug: note, info: note, warn, error: note };
        const options = { redis: world.redis.url, settings, name: how, logger, signal: abort.signal };
        isBroken = true;
        const scheduler = createScheduler(options);
        await using _ = {
          async [Symbol.asyncDispose]() {
            isBroken = false;
            await outcome(scheduler.close());
          },
        };
        const gauges = async () => (await scheduler.registry.metrics()).includes(`_ready{scheduler="${how}"}`);
        await scheduler.start();
        await scheduler.registerNode({ node: how, ...offer });
        await scheduler.reserveJob(how, "j1");
        await outcome(scheduler.offlineNode(how));
        const message = "fault: the scheduler has stopped";
        compare.same(`${how}: stopped`, await until(() => lines.includes(message)), true);
        compare.same(`${how}: a later call`, await outcome(scheduler.heartbeat(beat)), "Enough");
        compare.same(`${how}: its gauges`, await gauges(), true);
        if (how === "signal") abort.abort();
        else compare.same(`${how}: what it throws`, await outcome(scheduler.close()), "Enough");
        compare.same(`${how}: its gauges once it is closed`, await until(async () => !(await gauges())), true);
        if (how === "signal") compare.same("logged", await until(() => lines.includes("closed after a fault")), true);
        compare.same(`${how}: no connection is left`, await allClosed(world), true);
      }
      return compare.found;
    },
  },
  {
    id: "lines-logged",
    property: "M1",
    claim: "what a log shows is shown by the given logger, with the scheduler's name, at its level, on one line",
    async run(world) {
      const compare = new Comparisons();
      const lines: Line[] = [];
      const write = (level: string) => (fields: object, message: string) => lines.push({ level, message, ...fields });
      const [debug, info, warn, error] = levels.map(write);
      const logger = { debug, info, warn, error } as Record<(typeof levels)[number], ReturnType<typeof write>>;
      const onOrphaned = () => Promise.reject(reason);
      const scheduler = await embedded(world, { name: "me", logger, onOrphaned });
      const line = (message: string) => lines.find((one) => one["message"] === message);
      await scheduler.start();
      await scheduler.registerNode({ node: oddNode, ...offer, max_jobs: jobs.length });
      for (const job of jobs) await scheduler.reserveJob(oddNode, job);
      await scheduler.offlineNode(oddNode);
      await until(() => line("onOrphaned failed") !== undefined);
      const common = { scheduler: "me" };
      compare.same("ready", line("ready: everything is loaded"), {
        ...{ level: "info", message: "ready: everything is loaded", ...common },
      });
      compare.same("the mode", line("mode normal"), {
        ...{ level: "info", message: "mode normal", ...common, from: "local_only", to: "normal", cause: "resynced" },
      });
      compare.same("jobs lost", line("jobs lost their node"), {
        ...{ level: "warn", message: "jobs lost their node", ...common, node: shownNode, because: "offline" },
        ...{ jobs: jobs.slice(0, 10), jobs_count: jobs.length },
      });
      compare.same("a callback that failed", line("onOrphaned failed"), {
        ...{ level: "error", message: "onOrphaned failed", ...common, error: "Enough: enough" },
      });
      const cluster = [{ host: loopback, port: world.redis.port }];
      const refused = await embedded(world, { name: "refused", logger, redis: { cluster } });
      compare.same("no Cluster", await outcome(refused.start()), "TopologyError");
      const { level, scheduler: name } = line("Redis cannot be used as declared") ?? {};
      compare.same("a refusal", [level, name], ["error", "refused"]);
      return compare.found;
    },
  },
];
