/** Program: a system under test that misbehaves in one way, named by its argument; otherwise it answers ok to everything. */
const [how = ""] = process.argv.slice(2);
const about = {
  name: "misbehaving",
  version: how,
  capabilities: { ops: ["register_node", "reserve_job", "complete_job"], properties: ["J2", "J3"] },
};

const say = (body: object): void => {
  process.stdout.write(`${JSON.stringify(body)}\n`);
};

function answer({ id, op }: { readonly id: number; readonly op: string }): void {
  if (how === "silent") return;
  if (how === "lacking" && op === "reserve_job") say({ id, ok: true });
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
let held = "";
process.stdin.on("data", (chunk: Buffer) => {
  held += chunk.toString("utf8");
  const lines = held.split("\n");
  held = lines.pop() ?? "";
  for (const line of lines) {
    if (line.startsWith("{")) answer(JSON.parse(line) as { id: number; op: string });
  }
});
