/** A thread of a search: it explores its shard, and then, if asked, judges the `eventually` properties over all shards. */
import { parentPort, workerData } from "node:worker_threads";
import { refute } from "../properties/liveness.ts";
import { Control } from "./control.ts";
import { mailboxWords } from "./emit.ts";
import { Graph } from "./graph.ts";
import { Budget } from "./ints.ts";
import { buildMachine, type Done, type Job, type Judged, type JudgeLiveness, loadModel, packCrash } from "./job.ts";
import { layOut, slotsOf } from "./layout.ts";
import { pack } from "./packing.ts";
import { Search } from "./search.ts";
import { runShard } from "./shard.ts";
import { Steps } from "./steps.ts";
import { OutOfMemory } from "./store.ts";

const job = workerData as Job;
const port = parentPort;
if (port === null) throw new TypeError("worker.ts runs in a worker");

const model = await loadModel(job.table, job.model);
port.on("message", (message: JudgeLiveness) => port.postMessage(judge(message)));
port.postMessage(search());

function search(): Done {
  const { thread, threads, mailboxes, mostBytes, isSymmetric } = job;
  const boxes = mailboxes.map((row) => row.map(mailboxWords));
  const search = new Search(buildMachine(model, job), buildMachine(model, job), {
    model: model.name,
    mostBytes,
    isSymmetric,
    self: thread,
    outboxes: boxes[thread] ?? [],
    inboxes: boxes.flatMap((row, sender) => (sender === thread ? [] : (row[thread] ?? []))),
  });
  port?.postMessage({ kind: "begun" });
  const { crash, depth, levels, stop } = runShard(search, new Control(threads, thread, job.control), (progress) => {
    if (thread === 0) port?.postMessage({ kind: "progress", ...progress });
  });
  return {
    kind: "done",
    depth,
    levels,
    stop,
    crash: crash === undefined ? null : packCrash(crash),
    generated: search.generated(),
    kept: { memory: search.store.memory, size: search.store.size() },
    bytes: search.store.bytes(),
    tallies: search.tallies,
  };
}

function judge({ kept, mostBytes }: JudgeLiveness): Judged {
  try {
    const machine = buildMachine(model, job);
    const graph = new Graph(pack(slotsOf(layOut(machine.schema))).words, kept);
    const budget = new Budget(mostBytes);
    const steps = new Steps(graph, machine, budget);
    const lassos = machine.properties.map((property) =>
      property.kind === "eventually" ? budget.during(() => refute(graph, machine, property, { steps })) : null,
    );
    return { kind: "judged", lassos, crash: null };
  } catch (error) {
    if (error instanceof OutOfMemory) return { kind: "judged", lassos: null, crash: null };
    return { kind: "judged", lassos: [], crash: packCrash(error) };
  }
}
