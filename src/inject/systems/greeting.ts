/** Greets a system under test: starts it once, so that a command that cannot run ends before any scenario, and the report can name what ran. */
import type { Millis } from "../../check/history.ts";
import { openLab } from "../../lab/lab.ts";
import { waitFor } from "../../lab/process/wait.ts";
import { askRedis } from "../../lab/servers/redis-wire.ts";
import { askedOf } from "../../sut/asked.ts";
import type { SutClient } from "../../sut/client.ts";
import type { SutCommand, SystemUnderTest } from "../../sut/command.ts";
import { keyPrefix } from "../instances/instance.ts";
import { greetingPartitions, startSystem } from "./started.ts";

export interface GreetOptions {
  readonly command: SutCommand;
  readonly redisServer?: string | undefined;
  readonly signal: AbortSignal;
}

const callTimeout: Millis = 5_000;
/** A system that is ready may still be about to subscribe. */
const subscribedWithin = { timeout: 500, interval: 20 };

/** @throws UsageError where the command cannot be started; SutError where it does not get ready; LabError where there is no Redis */
export async function greetSystem({ command, redisServer, signal }: GreetOptions): Promise<SystemUnderTest> {
  await using lab = await openLab({ redisServer, signal });
  const redis = await lab.redis();
  const { about, client, process } = await startSystem({ lab, command, url: redis.url });
  const hasDocumentedKeys = await findsOurKeys(client, redis.port);
  const subscribes = (await waitFor(() => findsSubscription(redis.port), subscribedWithin)) === true;
  await process.kill();
  const { name, version, capabilities } = about;
  const claimed = { ...capabilities, hasDocumentedKeys };
  return { command, name, version, ...claimed, subscribes, asked: askedOf(claimed) };
}

/** Whether a registration leaves the keys of docs/protocol.md behind. */
async function findsOurKeys(client: SutClient, port: number): Promise<boolean> {
  const offer = { max_jobs: 1, pools: ["greeting"], languages: [{ source: "en", target: "de" }], services: [] };
  await client.call({ op: "register_node", node: "greeting", registration: "greeting", ...offer }, callTimeout);
  const found = Array.from({ length: greetingPartitions }, (_, partition) => `${keyPrefix}{p${partition}}:meta`);
  return (await askRedis(port, ["EXISTS", ...found], callTimeout)) !== ":0";
}

/** A connection with a channel or a pattern, or with tracking of keys. */
async function findsSubscription(port: number): Promise<true | undefined> {
  const clients = await askRedis(port, ["CLIENT", "LIST"], callTimeout);
  return /\b(?:sub|psub|ssub)=[1-9]|\bflags=\w*t/u.test(clients) ? true : undefined;
}
