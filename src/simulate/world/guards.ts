/**
 * Keeps real time and real randomness out of runs: their sources are guarded during a run, and a use is reported with its caller. A use throws, and is
 * recorded too, since a scheduler may catch the error.
 */
import { syncBuiltinESMExports } from "node:module";
import { basename } from "node:path";

/** Code in the simulator has used real time, a real timer or real randomness. */
export class LeakError extends Error {
  override readonly name = "LeakError";
  readonly what: string;
  readonly where: string;

  constructor(what: string, where: string) {
    super(`${what} was used in a simulated run, at ${where}: time and chance come in through the ports`);
    this.what = what;
    this.where = where;
  }
}

type Member = (...args: unknown[]) => unknown;

const builtIns: readonly (readonly [module: string, names: readonly string[]])[] = [
  ["node:timers", ["setTimeout", "setInterval", "setImmediate"]],
  ["node:timers/promises", ["setTimeout", "setInterval", "setImmediate"]],
  ["node:crypto", ["randomBytes", "randomInt", "randomUUID"]],
];

let isActive = false;
let isInstalled = false;
let leaks: LeakError[] = [];

/** Watches until disposed. One run at a time. */
export function watchForLeaks(): Disposable & { readonly leaks: readonly LeakError[] } {
  install();
  isActive = true;
  const found: LeakError[] = [];
  leaks = found;
  return {
    leaks: found,
    [Symbol.dispose]() {
      isActive = false;
    },
  };
}

/** Outside a run, and for Node and packages inside one, the guarded functions behave as the originals. */
function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  for (const name of ["setTimeout", "setInterval", "setImmediate"]) guard(globalThis, name, name);
  guard(globalThis["Math"], "random", "Math.random");
  guard(globalThis["performance"], "now", "performance.now");
  guard(globalThis["crypto"], "randomUUID", "crypto.randomUUID");
  guard(globalThis["crypto"], "getRandomValues", "crypto.getRandomValues");
  guard(globalThis["AbortSignal"], "timeout", "AbortSignal.timeout");
  guard(process, "hrtime", "process.hrtime");
  guard(process, "uptime", "process.uptime");
  guardDate();
  for (const [module, names] of builtIns) {
    const found: object | undefined = process.getBuiltinModule(module);
    if (found !== undefined) for (const name of names) guard(found, name, `${module} ${name}`);
  }
  syncBuiltinESMExports();
}

function guard(holder: object, name: string, shown: string): void {
  const original: unknown = Reflect.get(holder, name);
  if (typeof original !== "function") return;
  const guarded = new Proxy(original as Member, {
    apply(target, self, args) {
      check(shown);
      return Reflect.apply(target, self, args);
    },
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== "function" || key !== "bigint") return member;
      return (): unknown => {
        check(`${shown}.${String(key)}`);
        return Reflect.apply(member, target, []);
      };
    },
  });
  Object.defineProperty(holder, name, { value: guarded, configurable: true, writable: true });
}

function guardDate(): void {
  const original = globalThis["Date"];
  const now = new Proxy(original.now as Member, {
    apply(target, self, args) {
      check("Date.now");
      return Reflect.apply(target, self, args);
    },
  });
  const guarded = new Proxy(original, {
    construct(target, args, newTarget) {
      if (args.length === 0) check("new Date");
      return Reflect.construct(target, args, newTarget) as object;
    },
    apply(target, self, args) {
      check("Date");
      return Reflect.apply(target, self, args) as string;
    },
    get: (target, key) => (key === "now" ? now : (Reflect.get(target, key) as unknown)),
  });
  Object.defineProperty(globalThis, "Date", { value: guarded, configurable: true, writable: true });
}

/** @throws LeakError when our own code uses it during a run */
function check(what: string): void {
  if (!isActive) return;
  const where = callerOf(new Error().stack ?? "");
  if (where === null) return;
  const leak = new LeakError(what, where);
  leaks.push(leak);
  throw leak;
}

/** `guards.ts`, and in the published package `guards.js`. */
const ownName = basename(import.meta.url);

/** The first stack frame outside this file; null: it is Node's, or a package's. */
function callerOf(stack: string): string | null {
  const frames = stack.split("\n").slice(1);
  const frame = frames.find((line) => !line.includes(ownName) && !/\b(Object|Reflect)\.apply\b/.test(line)) ?? "";
  if (frame.includes("node:") || frame.includes("/node_modules/") || frame.trim() === "") return null;
  return frame.trim().replace(/^at /, "").replace("file://", "");
}
