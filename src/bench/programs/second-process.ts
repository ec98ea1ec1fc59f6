/** A second process for work that must not share this one's heap or event loop. It is killed when its work is done, or when this process ends. */
import { fork } from "node:child_process";
import { extname } from "node:path";

/** Each is a file in this folder that runs as a program: it takes one job and sends one result. */
export type ProgramName = "memory-process" | "change-process" | "heartbeat-process";

/** The timed thread collects its garbage itself: V8's helper threads may be starved of CPU while it sleeps for them. */
const flags: Partial<Readonly<Record<ProgramName, readonly string[]>>> = {
  "memory-process": ["--expose-gc"],
  "heartbeat-process": ["--single-threaded-gc", "--expose-gc"],
};

/** @throws Error when it ends without a result; the reason of `signal` when that aborts */
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

/** The side of the second process. @param work gets `started`, to be called when the load begins */
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
