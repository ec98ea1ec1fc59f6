/**
 * Writes a history to disk while the run lasts: periodically, one write after another, on Node's thread pool, so a slow disk delays nothing else.
 * Whenever the process ends, the file is a prefix of the history. A packed file has a gzip member for each write, so that this holds for it too.
 */
import { constants, statSync } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { BrokenRunError, messageOf } from "../../evidence/failure.ts";
import { codeOf } from "../../lab/error.ts";
import type { HistoryLog, Mark } from "./history-log.ts";

/** ms between two writes. */
const every = 50;

export const packedEnding = ".gz";
/** On Node's thread pool: 8 ms of CPU a megabyte, which it makes seven times smaller in parts of 30 kB. */
const pack = promisify(gzip);

export class HistoryFile implements AsyncDisposable {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #log: HistoryLog;
  readonly #isPacked: boolean;
  readonly #mark: Mark = { chunk: 0, offset: 0 };
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> | null = null;
  #failure: BrokenRunError | null = null;
  #isClosed = false;

  private constructor(path: string, file: FileHandle, log: HistoryLog) {
    this.#path = path;
    this.#file = file;
    this.#log = log;
    this.#isPacked = path.endsWith(packedEnding);
    this.#timer = setInterval(() => void this.#write(), every);
  }

  /**
   * Makes the folder.
   * @param path packed where it ends with `.gz`
   * @param log written completely
   * @param how `new`: an existing history belongs to another run and is kept; `again`: it belongs to this run and is overwritten
   * @throws BrokenRunError where it cannot be written
   */
  static async open(path: string, log: HistoryLog, how: "new" | "again" = "new"): Promise<HistoryFile> {
    try {
      await mkdir(dirname(path), { recursive: true });
      return new HistoryFile(path, await openFile(path, how), log);
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  /** Resolves when everything has been written. @throws BrokenRunError where that failed, for example on a full disk */
  async close(): Promise<void> {
    await this.#end();
    if (this.#failure !== null) throw this.#failure;
  }

  /** Does not throw for a failed write: it is called after `close`, or for a run that has failed already. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }

  async #end(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#writing;
    await this.#write();
    await this.#file.close().catch((error: unknown) => this.#fail(error));
  }

  /** One write at a time, so that the file keeps the order; none after a failed one, which would leave a hole. */
  #write(): Promise<void> {
    if (this.#writing !== null || this.#failure !== null) return this.#writing ?? Promise.resolve();
    const parts = this.#log.since(this.#mark);
    if (parts.length === 0) return Promise.resolve();
    this.#writing = this.#bytesOf(parts)
      .then((bytes) => this.#file.writeFile(bytes))
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#writing = null;
      });
    return this.#writing;
  }

  async #bytesOf(parts: readonly Buffer[]): Promise<readonly Buffer[]> {
    return this.#isPacked ? [await pack(Buffer.concat(parts))] : parts;
  }

  #fail(error: unknown): void {
    this.#failure ??= cannotWrite(this.#path, error);
  }
}

/** Whether a regular file is there, not a device that a user has linked to, for example. */
export function isHistory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** An exclusive creation, since another process may create the file at any moment. */
async function openFile(path: string, how: "new" | "again"): Promise<FileHandle> {
  if (how === "again") return await open(path, "w");
  try {
    return await open(path, "wx");
  } catch (error) {
    if (codeOf(error) !== "EEXIST" || isHistory(path)) throw error;
    // It is no regular file. Opened without blocking: a pipe without a reader would block the run for ever.
    return await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
  }
}

function cannotWrite(path: string, error: unknown): BrokenRunError {
  return new BrokenRunError(
    `the history of the run cannot be written: ${messageOf(error)}`,
    { where: path, fix: "make room on the disk, or choose another folder (--dir of inject, --reports of verify)" },
    error,
  );
}
