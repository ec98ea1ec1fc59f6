/**
 * A history on its way to the disk. Every few moments what has come to its log is written, one write after another, by the threads that Node
 * keeps for it: a slow disk holds up nobody. Whatever ends the process, what was written by then is a beginning of the history: nothing in it
 * is without what came before.
 */
import { constants, statSync } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { BrokenRunError, messageOf } from "../../evidence/failure.ts";
import { codeOf } from "../../lab/error.ts";
import type { HistoryLog, Mark } from "./history-log.ts";

/** Between two writes, ms. */
const every = 50;

export class HistoryFile implements AsyncDisposable {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #log: HistoryLog;
  readonly #mark: Mark = { chunk: 0, offset: 0 };
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> | null = null;
  #failure: BrokenRunError | null = null;
  #isClosed = false;

  private constructor(path: string, file: FileHandle, log: HistoryLog) {
    this.#path = path;
    this.#file = file;
    this.#log = log;
    this.#timer = setInterval(() => void this.#write(), every);
  }

  /**
   * Makes the folder.
   * @param log all of it is written
   * @param how `new`: a history that is there is another run's, and stays as it is; `again`: it is this run's, and is emptied
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

  /** Everything has been written. @throws BrokenRunError where it could not be: the disk is full, say */
  async close(): Promise<void> {
    await this.#end();
    if (this.#failure !== null) throw this.#failure;
  }

  /** For a run that has failed already: that its history could not be written either says nothing new. */
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

  /** One write at a time: they follow one another on the disk as they did in the run. After one that failed would be a hole. */
  #write(): Promise<void> {
    if (this.#writing !== null || this.#failure !== null) return this.#writing ?? Promise.resolve();
    const parts = this.#log.since(this.#mark);
    if (parts.length === 0) return Promise.resolve();
    this.#writing = this.#file
      .writeFile(parts)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#writing = null;
      });
    return this.#writing;
  }

  #fail(error: unknown): void {
    this.#failure ??= cannotWrite(this.#path, error);
  }
}

/** Whether a history, or another file, is there: not a device, say, that a user has linked to. */
export function isHistory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Only the creation itself tells whether the file was there: another process may create it at any moment. */
async function openFile(path: string, how: "new" | "again"): Promise<FileHandle> {
  if (how === "again") return await open(path, "w");
  try {
    return await open(path, "wx");
  } catch (error) {
    if (codeOf(error) !== "EEXIST" || isHistory(path)) throw error;
    // What stands there is no file. Opened without waiting: a pipe that nobody reads from would keep the run for ever.
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
