/** Starts the threads of this process. */
import { setFlagsFromString } from "node:v8";
import { Worker, type WorkerOptions } from "node:worker_threads";

/**
 * In a checkout each thread strips types, with WebAssembly. Once a thread has called out of it 1,000 times V8 compiles a faster way and frees the former,
 * and where several threads do so at a time that ends the process now and then: SIGTRAP or SIGSEGV in `WasmImportWrapperCache::Free` of Node 24. So they
 * keep the way that they have.
 */
const keepWrappers = "--wasm-wrapper-tiering-budget=2147483647";

/** As `new Worker`. */
export function startThread(program: URL | string, options?: WorkerOptions): Worker {
  if (import.meta.url.endsWith(".ts")) setFlagsFromString(keepWrappers);
  return new Worker(program, options);
}
