/** Program: a system under test that misbehaves in one way, named by its argument; otherwise it answers ok to everything. */
import { spawn } from "node:child_process";
import { closeSync, writeFileSync, writeSync } from "node:fs";

/** @param notes where it keeps its process id, and that of the child that it leaves behind */
const [how = "", notes = ""] = process.argv.slice(2);
const about = {
  name: "misbehaving",
  version: how,
  capabilities: { ops: ["register_node", "reserve_job", "complete_job"], properties: ["J2", "J3"] },
};

const say = (body: object): void => {
  process.stdout.write(`${JSON.stringify(body)}\n`);
};

function answer({ id, op }: { readonly id: number; readonly op: string }): void {
  if (how === "silent" || how === "closes-its-output") return;
  if (how === "silent-later" && op !== "init") return;
  if (how === "dies-later" && op !== "init") process.exit(0);
  if (how === "lacking" && op === "reserve_job") say({ id, ok: true });
  else if (how === "no-error-code" && op !== "init") say({ id, error: { message: "no" } });
  else if (how === "neither" && op !== "init") say({ id });
  else if (how === "text-as-id") say({ id: String(id), ok: true, ...about });
  else if (how === "no-capabilities") say({ id, ok: true, name: "s", version: "1" });
  else if (how === "lacks-operations")
    say({ id, ok: true, ...about, capabilities: { ops: ["status"], properties: [] } });
  else if (how === "no-line-end") process.stdout.write(JSON.stringify({ id, ok: true, ...about }));
  else if (how === "another-id") say({ id: id + 1_000, ok: true, ...about });
  else if (op === "init") say({ id, ok: true, ...about });
  else say({ id, ok: true, outcome: op === "reserve_job" ? "reserved" : undefined, incarnation: "1" });
  if (how === "twice") say({ id, ok: true, ...about });
}

if (how === "dies") process.exit(3);
if (how === "banner") process.stdout.write("welcome\n");
if (how === "endless") process.stdout.write("x".repeat(5_000_000));
if (how === "deaf-to-signals") process.on("SIGTERM", () => {});
if (how === "deaf-to-the-end") setInterval(() => {}, 1_000);
if (how === "binary") process.stdout.write(Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x0a]));
if (how === "closes-its-output") {
  closeSync(1);
  setInterval(() => {}, 1_000);
}
if (how === "reads-nothing") {
  process.stdin.pause();
  setInterval(() => {}, 1_000);
}
const megabyte = Buffer.alloc(1_000_000, "x");
if (how === "floods-its-log") for (let written = 0; written < 1_000; written += 1) writeSync(2, megabyte);
if (how === "chatters") for (let written = 0; written < 200_000; written += 1) writeSync(1, '{"level":"info"}\n');
if (how === "leaves-a-child") {
  const child = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
  child.unref();
  writeFileSync(notes, String(child.pid));
}
let held = "";
const listen = how === "reads-nothing" ? () => {} : process.stdin.on.bind(process.stdin);
listen("data", (chunk: Buffer) => {
  held += chunk.toString("utf8");
  const lines = held.split("\n");
  held = lines.pop() ?? "";
  for (const line of lines) {
    if (line.startsWith("{")) answer(JSON.parse(line) as { id: number; op: string });
  }
});
