/** A scheduler of unknown origin, held to the shape of its interface: what it lacks, or answers, is named, and no run takes it for an answer. */
import type { Scheduler } from "../../scheduler/api.ts";
import type { createScheduler } from "../../scheduler/scheduler.ts";

/** A scheduler that is not what docs/simulation.md says; the run proves nothing about it. */
class NoSchedulerError extends TypeError {
  override readonly name = "NoSchedulerError";
}

type Method = keyof Scheduler;
/** Returns why an answer is none; null: it is one. */
type Check = (answer: unknown) => string | null;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

function fields(kinds: Readonly<Record<string, "string" | "number" | "boolean" | "array">>): Check {
  return (answer) => {
    if (!isObject(answer)) return `an object with ${Object.keys(kinds).join(", ")}`;
    const wrong = Object.entries(kinds).find(([field, kind]) =>
      kind === "array" ? !Array.isArray(answer[field]) : typeof answer[field] !== kind,
    );
    return wrong === undefined
      ? null
      : `a field ${wrong[0]}, which is ${wrong[1] === "array" ? "an" : "a"} ${wrong[1]}`;
  };
}

const anything: Check = () => null;
const written = fields({ kind: "string" });

/** Their answers come later. */
const later: Partial<Record<Method, Check>> = {
  ...{ start: anything, close: anything },
  ...{ registerNode: written, heartbeat: written, offlineNode: written, reserveJob: written },
  ...{ completeJob: written, releaseJob: written, dispatch: written, putConfig: written },
  getNode: fields({ found: "boolean", source: "string", age_ms: "number", stale: "boolean", mode: "string" }),
};
/** Their answers come at once. */
const atOnce: Partial<Record<Method, Check>> = {
  selectNodes: fields({ nodes: "array", pools: "array", mode: "string", stale: "boolean" }),
  status: fields({ mode: "string", connected: "boolean", view: "array" }),
  nodes: (answer) => (Array.isArray(answer) ? null : "an array of nodes"),
  onOrphaned: (answer) => (typeof answer === "function" ? null : "a function that ends it"),
  config: (answer) => (answer === null || isObject(answer) ? null : "a configuration, or null"),
};
const methods = Object.keys({ ...later, ...atOnce }) as readonly Method[];

type Create = typeof createScheduler;

/** @returns the same, but what is made, and each answer, is checked */
export function checkedScheduler(create: (...given: Parameters<Create>) => unknown): Create {
  return (...given) => {
    const made = create(...given);
    if (!isObject(made)) throw shapeOf("createScheduler", made, `a scheduler with ${methods.join(", ")}`);
    const lacking = methods.filter((name) => typeof made[name] !== "function");
    if (lacking.length > 0) throw shapeOf("createScheduler", made, `a scheduler that has ${lacking.join(", ")} too`);
    const scheduler = made as unknown as Readonly<Record<Method, (...args: unknown[]) => unknown>>;
    const calls = methods.map((name) => {
      const [check, isLate] = [later[name] ?? atOnce[name] ?? anything, later[name] !== undefined];
      const answer = (found: unknown): unknown => {
        const allowed = check(found);
        if (allowed !== null) throw shapeOf(name, found, allowed);
        return found;
      };
      const call = (...args: unknown[]): unknown => scheduler[name](...args);
      return [
        name,
        isLate
          ? async (...args: unknown[]) => answer(await call(...args))
          : (...args: unknown[]) => answer(call(...args)),
      ];
    });
    return Object.fromEntries(calls) as Scheduler;
  };
}

function shapeOf(method: string, found: unknown, allowed: string): NoSchedulerError {
  const shown = isObject(found) ? `{${Object.keys(found).slice(0, 5).join(", ")}}` : String(found);
  return new NoSchedulerError(`${method} answered ${shown}; allowed: ${allowed}`);
}
