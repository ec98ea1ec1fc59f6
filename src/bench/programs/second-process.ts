/** A second process for what must not share this one's heap or event loop. Killed when its work is done, or when ours ends. */
import { fork } from "node:child_process";
import { extname } from "node:path";

/** Each is a file of this room that is run as a program: it takes one job and sends one result. */
export type ProgramName = "memory-process" | "change-process" | "heartbeat-process";

/** What is timed collects its garbage itself: helper threads of V8 may wait for a processor while it sleeps for them. */
const flags: Partial<Readonly<Record<ProgramName, readonly string[]>>> = {
  "memory-process": ["--expose-gc"],
  "heartbeat-process": ["--single-threaded-gc"],
};

/** @throws Error when it ends without a result; whatever made `signal` abort */
export function runSecondProcess<Result>(
  name: ProgramName,
  job: object,
  signal: AbortSignal,
  onProgress: () => void = () => {},
): Promise<Result> {
  const ending = extname(import.meta.url);
  const child = fork(new URL(`./${name}${ending}`, import.meta.url), {
    execArgv: [...(flags[name] ?? [])],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  return new Promise<Result>((resolve, reject) => {
    const stop = (): void => {
      child.kill("SIGKILL");
    };
    signal.addEventListener("abort", stop, { once: true });
    child.on("message", (message: { readonly result?: Result }) => {
      if (message.result === undefined) return onProgress();
      resolve(message.result);
      child.disconnect();
    });
    child.once("error", reject);
    child.once("exit", (code, killed) => {
      signal.removeEventListener("abort", stop);
      reject(new Error(`${name} ended without a result: ${killed ?? `exit code ${code}`}`));
    });
    child.send(job);
    if (signal.aborted) stop();
  });
}

/** The other side of it. @param work is given `started`, to be called when the load begins */
export function serveJob<Job, Result>(work: (job: Job, started: () => void) => Promise<Result>): void {
  process.once("message", (job) => {
    work(job as Job, () => process.send?.({})).then(
      (result) => process.send?.({ result }),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        process.exit(1);
      },
    );
  });
  process.once("disconnect", () => process.exit(0));
}
