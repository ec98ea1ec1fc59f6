/** A system under test on a Redis of the lab, without faults: one instance, started and asked to be ready. */
import type { Millis } from "../../check/history.ts";
import { UsageError } from "../../evidence/failure.ts";
import { LabError } from "../../lab/error.ts";
import type { Lab } from "../../lab/lab.ts";
import type { PipedProcess } from "../../lab/process/piped-process.ts";
import { systemClock } from "../../redis/system.ts";
import { SutClient } from "../../sut/client.ts";
import type { SutCommand } from "../../sut/command.ts";
import type { Reply } from "../../sut/protocol.ts";
import { keyPrefix } from "../instances/instance.ts";
import { readyTimeout } from "../instances/instance-process.ts";

/** As many as a system is asked to use where no scenario says so. */
export const greetingPartitions = 4;

export interface StartedSystem {
  readonly process: PipedProcess;
  readonly client: SutClient;
  /** Its answer to `init`. */
  readonly about: Reply<"init">;
}

export interface StartOptions {
  readonly lab: Lab;
  readonly command: SutCommand;
  /** The URL of its Redis. */
  readonly url: string;
  /** Milliseconds that `init` may take. */
  readonly within?: Millis;
}

/**
 * @throws UsageError where the command cannot be started; SutError where it does not get ready
 */
export async function startSystem({ command, lab, url, within = readyTimeout }: StartOptions): Promise<StartedSystem> {
  const process = await launchSystem(lab, command);
  const client = new SutClient({ process, name: "the system under test", clock: systemClock });
  try {
    const settings = { partitions: greetingPartitions };
    const about = await client.init({ instance: 0, namespace: keyPrefix, redis: url, settings }, within);
    return { process, client, about };
  } catch (error) {
    await process.kill();
    throw error;
  }
}

/** @throws UsageError where the command cannot be started */
export async function launchSystem(lab: Lab, command: SutCommand): Promise<PipedProcess> {
  try {
    return await lab.program({ name: "system", ...command });
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    const { allowed, found, where } = error;
    const fix = "name a program that is there and may be executed, by its path or by a name on the PATH";
    throw new UsageError(`found ${found}; allowed: ${allowed}`, { where: `--sut ${where}`, fix }, error);
  }
}
