#!/usr/bin/env node
// The package's command. Plain JavaScript, so that a Node too old for the rest can still run it.
//
// It runs as two processes. The started process supervises: it passes signals on, ends the run where the run does not end by itself, and
// turns every end without a verdict (a crash, a full heap, an early exit) into exit code 3. The second process is the run.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, rmSync, writeSync } from "node:fs";
import { dirname, isAbsolute, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

const oldest = [22, 18];
/** As `engines` in package.json has it. */
const supported = "^22.18 || ^24.11 || >=26";
const exitCodes = { violated: 1, broken: 3 };
/** Resources that only a forgotten timer, connection, server, process or thread leaves behind. */
const keepers = new Set(["Timeout", "Immediate", "TCPSocketWrap", "TCPServerWrap", "ProcessWrap", "Worker", "FSEvent"]);
const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
/** How long a run may take to end after a signal, in ms: every command ends within 2 s. */
const patience = 1_500;
/** Set for the second process only, which deletes it at once: processes that the run starts are not runs. */
const roleName = "LOCKPROOF_ROLE";
/** Where Node keeps compiled modules for processes and threads: one that finds its modules there loads them in about a third of the time. */
const compiledName = "NODE_COMPILE_CACHE";
/** Modules that are kept: sources of mutants have other paths each time, so their number would grow. */
const mostCompiled = 4_000;

// Bound at the start: during a simulated run guards replace the global functions.
const { setInterval, setTimeout } = globalThis;
const ownPath = fileURLToPath(import.meta.url);
const words = process.argv.slice(2);
/** Disables warnings of Node 22, which strips types all the same, and about a user's module in a folder without package.json. */
const quiet = ["ExperimentalWarning", "MODULE_TYPELESS_PACKAGE_JSON"].map((name) => `--disable-warning=${name}`);

if (process.send !== undefined && process.env[roleName] === "run") await run();
else if (isNewEnough()) process.exitCode = await supervise(process.execPath, process.execArgv);
else {
  const bundled = fileURLToPath(new URL("../../node_modules/.bin/node", import.meta.url));
  process.exitCode = existsSync(bundled) ? await supervise(bundled, []) : refuseOldNode();
}

function isNewEnough() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

function refuseOldNode() {
  say(
    `this is Node ${process.versions.node}; lockproof needs ${supported}`,
    process.execPath,
    "install a newer Node, or run `npm ci` in the checkout, which brings one",
  );
  return exitCodes.broken;
}

/** @returns the exit code of the run where the run confirmed it; else that of a violation it reported, or of a broken run */
async function supervise(node, flags) {
  const child = spawn(node, [...flags, ...quiet, ownPath, ...words], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, ...compiled(), [roleName]: "run" },
  });
  let reported = {};
  let stoppedBy;
  child.on("message", (message) => {
    reported = { ...reported, ...message };
  });
  for (const signal of signals) {
    process.on(signal, () => {
      child.kill(signal);
      if (stoppedBy !== undefined) return;
      stoppedBy = signal;
      setTimeout(() => child.kill("SIGKILL"), patience).unref();
    });
  }
  const closed = once(child, "disconnect");
  let ended;
  try {
    ended = await once(child, "exit");
  } catch (error) {
    say(`the run cannot be started: ${error.message}`, node, "make that program executable, or reinstall lockproof");
    return exitCodes.broken;
  }
  // The last message may arrive after the end.
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 500).unref())]);
  const [code, signal] = ended;
  if (code !== null && reported.code === code) return code;
  if (code !== exitCodes.broken) explainEnd(code, signal, stoppedBy);
  return reported.violated ? exitCodes.violated : exitCodes.broken;
}

/** The folder is inside the cache of `cacheFolder` in src/lab/provide/cache.ts, or the one that the user has named. */
function compiled() {
  const { HOME, LOCKPROOF_CACHE, XDG_CACHE_HOME, [compiledName]: own } = process.env;
  if (own !== undefined) return {};
  const cache = LOCKPROOF_CACHE || join(XDG_CACHE_HOME || join(HOME || ".", ".cache"), "lockproof");
  if (!isAbsolute(cache)) return {};
  const folder = join(cache, "compiled");
  try {
    for (const version of readdirSync(folder)) {
      const path = join(folder, version);
      if (readdirSync(path).length > mostCompiled) rmSync(path, { recursive: true, force: true });
    }
  } catch {
    // It is not there yet, or cannot be read: Node does without.
  }
  return { [compiledName]: folder };
}

function explainEnd(code, signal, stoppedBy) {
  if (stoppedBy !== undefined && signal === stoppedBy) {
    say(`${stoppedBy}: the run was ended before it began`, "lockproof", "run it again");
  } else if (stoppedBy !== undefined && signal === "SIGKILL") {
    say(`${stoppedBy}: the run did not end within ${patience / 1_000} s and was stopped`, "lockproof", "run it again");
  } else if (signal === "SIGABRT" || code === 134) {
    say(
      "the run was aborted, most likely because the memory that Node allows it was full",
      "lockproof",
      "ask for less, or allow more with NODE_OPTIONS=--max-old-space-size=<MB>",
    );
  } else if (signal !== null) {
    say(`the run was ended from outside by ${signal}`, "lockproof", "run it again");
  } else say(`the run ended with ${code} and without a verdict`, "lockproof", ourBug());
}

/** The second process: the command itself. */
async function run() {
  delete process.env[roleName];
  let violated = false;
  const crash = (error) => {
    explainCrash(error);
    process.exit(violated ? exitCodes.violated : exitCodes.broken);
  };
  process.on("uncaughtException", crash);
  const orphaned = watchParent();
  if (!isNewEnough()) {
    await confirm(refuseOldNode());
    return;
  }
  // Node strips types in a checkout but never under node_modules: there the published JavaScript runs.
  const installed = ownPath.split(sep).includes("node_modules");
  try {
    const { main } = await import(installed ? "../../dist/src/cli/main.js" : "./main.ts");
    const onViolation = () => {
      violated = true;
      if (process.connected) process.send({ violated }, () => {});
    };
    await confirm(await main(words, { orphaned, onViolation }));
  } catch (error) {
    crash(error);
  }
}

/** Reports the exit code to the supervisor, and ends: handles that are left open must not keep the process. */
async function confirm(code) {
  process.exitCode = code;
  if (process.connected) {
    await new Promise((resolve) => process.send({ code }, () => resolve()));
    if (process.connected) process.disconnect();
  }
  const isWritten = () => process.stdout.writableLength === 0 && process.stderr.writableLength === 0;
  setInterval(() => {
    if (!isWritten()) return;
    // An interrupted run had no time to close everything.
    if (code < exitCodes.broken) explainOpen(process.getActiveResourcesInfo());
    process.exit();
  }, 200).unref();
}

/** Reports resources that would have kept the process: a defect of ours or of embedded code. Its streams always stay open. */
function explainOpen(resources) {
  const counts = Map.groupBy(resources, (name) => name);
  const open = [...counts].filter(([name]) => keepers.has(name)).map(([name, { length }]) => `${length} ${name}`);
  if (open.length > 0) process.stderr.write(`left open at the end, and closed: ${open.join(", ")}\n`);
}

/**
 * The end of the supervisor ends the run: first by the returned signal, then, where the run computes or blocks and does not react, by SIGKILL
 * from a thread of its own.
 */
function watchParent() {
  const orphaned = new AbortController();
  process.once("disconnect", () => orphaned.abort());
  process.channel?.unref();
  const watch = `setInterval(() => {
    if (process.ppid !== ${process.ppid}) setTimeout(() => process.kill(process.pid, "SIGKILL"), ${patience});
  }, 250);`;
  new Worker(watch, { eval: true, execArgv: [] }).unref();
  return orphaned.signal;
}

function explainCrash(error) {
  const message = error instanceof Error ? error.message : String(error);
  const [firstLine = ""] = message.split("\n");
  if (error?.code === "ERR_MODULE_NOT_FOUND") {
    const root = dirname(dirname(dirname(ownPath)));
    say(`a part of lockproof is missing: ${firstLine}`, root, "run `npm ci` in the checkout, or reinstall the package");
  } else say(firstLine, "lockproof", ourBug());
  if (process.env.LOCKPROOF_DEBUG) write(`${error?.stack ?? message}\n`);
}

function ourBug() {
  return "run it again with LOCKPROOF_DEBUG=1, which shows where it happened, and report it: it is our bug";
}

function say(found, where, fix) {
  write(`broken run: ${visible(found)}\n  where: ${visible(where)}\n  fix:   ${fix}\n`);
}

function visible(text) {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** Synchronous, because the process may be about to exit. A closed error channel is ignored. */
function write(text) {
  try {
    writeSync(2, text);
  } catch {
    // The exit code is the only report left.
  }
}
