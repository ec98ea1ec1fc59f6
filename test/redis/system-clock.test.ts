import { once } from "node:events";
import { connect } from "node:net";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { systemClock } from "../../src/redis/system.ts";

const never = new AbortController().signal;

/** Answers each chunk at once, from a thread of its own. */
const echo = `
  const { createServer } = require("node:net");
  const { parentPort } = require("node:worker_threads");
  const server = createServer((socket) => socket.pipe(socket));
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));`;

it("wakes after a pause of the process when what has arrived meanwhile has been read", async () => {
  const worker = new Worker(echo, { eval: true });
  const [port] = (await once(worker, "message")) as [number];
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  const seen: string[] = [];
  socket.on("data", () => seen.push("reply"));
  const slept = systemClock.sleep(20, never).then(() => seen.push("woken"));
  socket.write("call");
  await new Promise(setImmediate);
  const until = performance.now() + 80;
  while (performance.now() < until);
  await slept;
  socket.destroy();
  await worker.terminate();
  expect(seen).toEqual(["reply", "woken"]);
});

it("wakes at once where its signal aborts", async () => {
  const stop = new AbortController();
  const slept = systemClock.sleep(60_000, stop.signal);
  stop.abort();
  await slept;
});
