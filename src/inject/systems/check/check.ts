/** Checks a system under test without any scenario: what it answers, and what becomes of it when something goes wrong. */
import type { LayerEvidence } from "../../../evidence/evidence.ts";
import { openLab } from "../../../lab/lab.ts";
import type { PipedProcess } from "../../../lab/process/piped-process.ts";
import type { SutCommand } from "../../../sut/command.ts";
import { levelOf, levels } from "../../../sut/levels.ts";
import { type Ask, protocolVersion } from "../../../sut/protocol.ts";
import { keyPrefix } from "../../instances/instance.ts";
import { greetingPartitions, launchSystem } from "../started.ts";
import { Conversation } from "./conversation.ts";
import { endingSteps } from "./endings.ts";
import { operationSteps } from "./operations.ts";
import { type Bench, linesOf, outcomeOf, type Running, type Step, StepError } from "./step.ts";

export interface SystemCheckOptions {
  readonly command: SutCommand;
  readonly redisServer?: string | undefined;
  readonly signal: AbortSignal;
  /** Called with each step as soon as it has ended. */
  readonly onStep: (line: StepLine) => void;
}

export interface StepLine {
  readonly step: string;
  readonly ok: boolean;
  /** The observation; of a failed step, the found and the allowed outcome. */
  readonly found: string;
  /** Request and reply, and the section of the page; empty where it was right. */
  readonly details: readonly string[];
  readonly ms: number;
}

export interface SystemCheck {
  readonly verdict: Extract<LayerEvidence["verdict"], "held" | "violated">;
  readonly name: string;
  readonly version: string;
  /** -1: it lacks operations of level 0. */
  readonly level: number;
  /** All properties: whether each can be judged, or why it cannot be. */
  readonly properties: readonly { readonly id: string; readonly judged: string }[];
}

/** `init` may load what there is. */
const startWithin = 10_000;
/** Milliseconds, after which nothing more is asked of a system in which something was wrong: it may answer nothing at all. */
const patience = 15_000;

/** @throws UsageError where the command cannot be started; LabError where there is no Redis */
export async function checkSystem({ command, onStep, redisServer, signal }: SystemCheckOptions): Promise<SystemCheck> {
  await using lab = await openLab({ redisServer, signal });
  const redis = await lab.redis();
  const started: PipedProcess[] = [];
  let about: Running["about"] | null = null;
  const bench: Bench = {
    redis,
    async start(instance) {
      const process = await launchSystem(lab, command);
      started.push(process);
      const running = await greet(process, instance, redis.url);
      about ??= running.about;
      return running;
    },
  };
  let isRight = true;
  const since = performance.now();
  for (const step of [starting, ...operationSteps, ...endingSteps]) {
    if (signal.aborted) break;
    if (!isRight && performance.now() - since > patience) {
      onStep({
        step: step.name,
        ok: false,
        found: "not run: something was wrong, and time is over",
        details: [],
        ms: 0,
      });
      continue;
    }
    const line = await runStep(step, bench);
    await Promise.all(started.splice(0).map((process) => process.kill()));
    isRight &&= line.ok;
    onStep(line);
    if (step === starting && !line.ok) break;
  }
  const { capabilities, name, version } = (about as Running["about"] | null) ?? unknown;
  const level = levelOf(capabilities.ops);
  return {
    verdict: isRight ? "held" : "violated",
    name,
    version,
    level,
    properties: judgedAt(level, capabilities.properties),
  };
}

const unknown: Running["about"] = { name: "unknown", version: "unknown", capabilities: { ops: [], properties: [] } };

const starting: Step = {
  name: "it starts, and answers init",
  section: "Operations",
  async run(bench) {
    const { about } = await bench.start(0);
    const { capabilities, name, version } = about;
    const level = levelOf(capabilities.ops);
    const lacking = (levels[0]?.ops ?? []).filter((op) => !["init", "shutdown", ...capabilities.ops].includes(op));
    if (level < 0) throw new StepError(`no ${lacking.join(", ")} among its operations`, "those of level 0 at least");
    return `${name} ${version}, ${capabilities.ops.length} operations`;
  },
};

async function runStep(step: Step, bench: Bench): Promise<StepLine> {
  const since = performance.now();
  const ended = (ok: boolean, found: string, details: readonly string[] = []): StepLine => {
    return { step: step.name, ok, found, details, ms: Math.round(performance.now() - since) };
  };
  const strays = Promise.withResolvers<never>();
  strays.promise.catch(() => {}); // it may never be awaited
  const watched: Bench = {
    ...bench,
    async start(instance) {
      const running = await bench.start(instance);
      void running.talk.stray.then((line) => strays.reject(strayed(line)));
      return running;
    },
  };
  try {
    return ended(true, await Promise.race([step.run(watched), strays.promise]));
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    return ended(false, error.message, [...error.lines, `see docs/sut-protocol.md, section "${step.section}"`]);
  }
}

function strayed(line: string): StepError {
  return new StepError(`${line} on its output`, "one reply a request, and nothing else; logs belong on stderr");
}

/** @throws StepError where `init` is not answered, or anything else is said */
async function greet(process: PipedProcess, instance: number, redis: string): Promise<Running> {
  const talk = new Conversation(process);
  const ask: Ask<"init"> = {
    ...{ op: "init", protocol: protocolVersion, instance, namespace: keyPrefix, redis },
    settings: { partitions: greetingPartitions },
  };
  const said = await Promise.race([talk.ask(ask, startWithin), talk.stray]);
  if (typeof said === "string") throw strayed(said);
  if (said.kind !== "answered") {
    const log = await process.log();
    throw new StepError(outcomeOf(said), "name, version and capabilities", [
      ...linesOf(said),
      ...(log === "" ? [] : ["its log ends:", ...log.split("\n")]),
    ]);
  }
  const claimed = new Set(said.reply.capabilities.ops);
  return { process, talk, about: said.reply, has: (op) => claimed.has(op) };
}

function judgedAt(level: number, claimed: readonly string[]): SystemCheck["properties"] {
  return levels.flatMap(({ level: needed, properties }) =>
    properties.map((id) => {
      if (needed > level) return { id, judged: `not judged: needs level ${needed}` };
      return { id, judged: claimed.includes(id) ? "judged from clients" : "not judged: it is not claimed" };
    }),
  );
}
