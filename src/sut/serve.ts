/** The system's side of the line protocol: reads requests, performs each as it comes, writes each reply when it is ready. */
import type { Readable, Writable } from "node:stream";
import { z } from "zod";
import { readLines } from "./lines.ts";
import { type Ask, type ErrorCode, type Op, ops, type Request, requestSchema, type SentReply } from "./protocol.ts";

/** Why a request was not performed, or may not have been. */
export class OpError extends Error {
  override readonly name = "OpError";
  readonly code: ErrorCode;
  /** true: it did not happen, and never will. */
  readonly definite: boolean;

  constructor(code: ErrorCode, definite: boolean, message: string) {
    super(message);
    this.code = code;
    this.definite = definite;
  }
}

type Served = Exclude<Op, "init" | "shutdown">;

export interface System {
  readonly about: SentReply<"init">;
  /** @throws OpError; anything else counts as a fault of the system's own, which may have happened */
  perform<O extends Served>(request: Ask<O>): Promise<SentReply<O>>;
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** Starts the system and waits until it can be used. @throws OpError */
  readonly open: (request: Ask<"init">) => Promise<System>;
}

/** Resolves when the system has been shut down, or when its input has ended: then the harness is gone. */
export async function serve({ input, open, output }: ServeOptions): Promise<void> {
  const over = Promise.withResolvers<void>();
  let system: System | null = null;
  let isOpening = false;

  const write = (id: number | null, body: object): void => {
    output.write(`${JSON.stringify({ id, ...body })}\n`);
  };
  const perform = async (request: Request): Promise<object> => {
    if (request.op === "init") {
      if (isOpening) throw new OpError("invalid", true, "init comes once");
      isOpening = true;
      system = await open(request);
      return system.about;
    }
    if (system === null) throw new OpError("not_ready", true, `${request.op} before init was answered`);
    if (request.op === "shutdown") return {};
    return await system.perform(request);
  };
  const answer = async (request: Request): Promise<void> => {
    try {
      write(request.id, { ok: true, ...(await perform(request)) });
      if (request.op === "shutdown") over.resolve();
    } catch (error) {
      write(request.id, { error: errorOf(error) });
    }
  };
  readLines(input, {
    line: (text) => {
      const read = requestOf(text);
      if ("request" in read) void answer(read.request);
      else write(read.id, { error: { code: read.code, message: read.message, definite: true } });
    },
    tooLong: () => over.reject(new Error("a request without an end")),
  });
  input.on("end", over.resolve);
  input.on("error", over.reject);
  await over.promise;
  // Read again, since `perform` has set it meanwhile.
  await (system as System | null)?.close();
}

type ReadRequest =
  | { readonly request: Request }
  | { readonly id: number | null; readonly code: ErrorCode; readonly message: string };

function requestOf(text: string): ReadRequest {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return { id: null, code: "invalid", message: "the line is not JSON" };
  }
  const parsed = requestSchema.safeParse(raw);
  if (parsed.success) return { request: parsed.data };
  const head = z.object({ id: z.int().nonnegative(), op: z.string().optional() }).safeParse(raw);
  if (!head.success) return { id: null, code: "invalid", message: "the request has no id" };
  const { id, op } = head.data;
  const isKnown = ops.some((each) => each === op);
  if (!isKnown) return { id, code: "unsupported", message: `no operation ${JSON.stringify(op)}` };
  return { id, code: "invalid", message: z.prettifyError(parsed.error).replaceAll("\n", " ") };
}

function errorOf(error: unknown): { code: ErrorCode; message: string; definite: boolean } {
  if (error instanceof OpError) return { code: error.code, message: error.message, definite: error.definite };
  return { code: "internal", message: error instanceof Error ? error.message : String(error), definite: false };
}
