/** CPU seconds: of all processes, of this one, and of the servers that work for it. */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import type { RedisServer } from "../../lab/servers/redis.ts";

type Seconds = number;

/** Linux counts hundredths of a second here, whatever its own tick. */
const ticksPerSecond = 100;

/** Since the machine started, over all cores: work of any process, and steal time. Without interrupts, which may be the bench's own. */
export function machineCpu(): Seconds {
  return fromKernel() ?? cpus().reduce((sum, { times }) => sum + (times.user + times.nice + times.sys) / 1_000, 0);
}

/** null where the kernel does not report it. */
function fromKernel(): Seconds | null {
  let first: string;
  try {
    first = readFileSync("/proc/stat", "utf8").split("\n", 1)[0] ?? "";
  } catch {
    return null;
  }
  const [user, nice, system, _idle, _iowait, _irq, _softirq, steal = 0] = first.split(/\s+/).slice(1).map(Number);
  if (user === undefined || nice === undefined || system === undefined) return null;
  return (user + nice + system + steal) / ticksPerSecond;
}

export function ownCpu(): Seconds {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}

export async function redisCpu(server: RedisServer): Promise<Seconds> {
  const said = await server.ask("INFO", "cpu");
  const part = (name: string): Seconds => Number(new RegExp(`^${name}:([\\d.]+)`, "m").exec(said)?.[1] ?? 0);
  return part("used_cpu_user") + part("used_cpu_sys");
}

export const cores = availableParallelism();
