/** The machine on which a figure was measured. */
import { cpus } from "node:os";
import { cores } from "./cpu.ts";

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly node: string;
  readonly redis: string;
  readonly platform: string;
}

export function describeMachine(redis: string): Machine {
  const cpu = cpus()[0]?.model.trim() || "unknown";
  return { cores, cpu, node: process.versions.node, redis, platform: `${process.platform}-${process.arch}` };
}
