/** Program: opens a lab with one instance as a process, stops it, says who is there, and waits to be killed. */
import { openLab } from "../../src/lab/lab.ts";
import { systemClock } from "../../src/redis/system.ts";
import { SutClient } from "../../src/sut/client.ts";
import { referenceCommand } from "../../src/sut/command.ts";

const lab = await openLab();
const redis = await lab.redis();
const instance = await lab.program({ name: "instance-0", ...referenceCommand() });
const client = new SutClient({ process: instance, name: "instance 0", clock: systemClock });
await client.init({ instance: 0, redis: redis.url, namespace: "lp:", settings: { partitions: 1 } }, 20_000);
if (process.argv[2] === "stopped") await instance.pause();
process.stdout.write(`${JSON.stringify({ folder: lab.folder, pids: [redis.pid, instance.pid] })}\n`);
setInterval(() => {}, 1_000);
