/** Lines of histories of `scheduler`, for tests. Times are nanoseconds. */

export const head = (parts: object = {}) => JSON.stringify({ kind: "scheduler", begins: "empty", ...parts });

export interface CallLine {
  readonly op: string;
  readonly call: number;
  readonly returned?: number | null;
  readonly client?: number;
  readonly asked?: object;
  readonly reply?: object | null;
}

export function call({ asked = {}, call: from, client = 1, op, reply = null, returned = from + 5 }: CallLine): string {
  const request = { op, node: "n", ...asked };
  return JSON.stringify({ client, call_ns: from, return_ns: returned, request, reply });
}

export const registered = (at: number, capacity = 1) =>
  call({ op: "register_node", call: at, asked: { max_jobs: capacity }, reply: { incarnation: `e:${at}` } });

export const reserve = (at: number, job: string, outcome: string | null, parts: Partial<CallLine> = {}) =>
  call({ op: "reserve_job", call: at, asked: { job }, reply: outcome === null ? null : { outcome }, ...parts });

export const complete = (at: number, job: string, outcome: string, parts: Partial<CallLine> = {}) =>
  call({ op: "complete_job", call: at, asked: { job }, reply: { outcome }, ...parts });
