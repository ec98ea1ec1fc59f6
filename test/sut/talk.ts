/** A process that prints what a test writes, and a clock that a test moves. */
import { PassThrough } from "node:stream";
import type { Clock } from "../../src/scheduler/ports.ts";
import { SutClient, type SutProcess } from "../../src/sut/client.ts";

export interface Spoken {
  readonly client: SutClient;
  /** The requests that it has been sent, in order. */
  readonly requests: { id: number; op: string }[];
  /** Writes one line of output, as it stands. */
  say(line: string): Promise<void>;
  /** Answers the request that came last. */
  reply(body: object): Promise<void>;
  end(how: string): Promise<void>;
  /** Time goes on by so many ms. */
  pass(duration: number): Promise<void>;
}

export function talk(): Spoken {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const ended = Promise.withResolvers<string>();
  const process: SutProcess = { stdin, stdout, ended: ended.promise, log: async () => "the end of its log" };
  const requests: { id: number; op: string }[] = [];
  stdin.on("data", (chunk: Buffer) => {
    for (const line of chunk.toString().split("\n")) if (line !== "") requests.push(JSON.parse(line));
  });
  const sleepers: { at: number; wake(): void }[] = [];
  let now = 0;
  const clock: Clock = {
    now: () => now,
    sleep: (duration, signal) =>
      new Promise((resolve) => {
        const sleeper = { at: now + duration, wake: resolve };
        sleepers.push(sleeper);
        signal.addEventListener("abort", () => resolve());
      }),
  };
  const say = async (line: string): Promise<void> => {
    stdout.write(`${line}\n`);
    await settled();
  };
  return {
    client: new SutClient({ process, name: "instance 0", clock }),
    requests,
    say,
    reply: (body) => say(JSON.stringify({ id: requests.at(-1)?.id, ...body })),
    async end(how) {
      ended.resolve(how);
      await settled();
    },
    async pass(duration) {
      now += duration;
      for (const { at, wake } of sleepers) if (at <= now) wake();
      await settled();
    },
  };
}

export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

const ready = { name: "other", version: "2", capabilities: { ops: ["get_node", "reserve_job"], properties: ["J1"] } };

/** One that has answered `init`. */
export async function readyTalk(): Promise<Spoken> {
  const spoken = talk();
  const begun = spoken.client.init({ instance: 0, redis: "redis://h:1", namespace: "lp:", settings: {} }, 1_000);
  await settled();
  await spoken.reply({ ok: true, ...ready });
  await begun;
  return spoken;
}
