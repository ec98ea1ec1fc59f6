/** What the store holds of one node between two changes, and what a change makes of it; written from docs/protocol.md, section 4. */
import type { NodeContent, Version } from "../history.ts";
import type { ObservedChange } from "../observation.ts";
import type { JobBook, JobPage } from "./job-book.ts";

export interface NodeMoment {
  readonly status: string;
  readonly incarnation: string;
  /** Of the change that made it so. */
  readonly version: Version;
  readonly max_jobs: number;
  readonly jobs: JobPage;
}

/** `absent`: the store does not know the node. `unseen`: nobody saw what it held. */
export type Moment = NodeMoment | "absent" | "unseen";

/** @returns why the change cannot be, given what was held, or what is held after it; the node's book is written on. */
export function momentAfter(
  before: Moment,
  change: ObservedChange,
  version: Version,
  book: JobBook,
): Moment | { readonly why: string } {
  book.next();
  if (change.kind === "registered") {
    book.giveAll();
    const { incarnation, max_jobs } = change;
    return { status: "online", incarnation, version, max_jobs, jobs: book.page() };
  }
  if (change.kind === "removed") book.forget();
  if (before === "unseen") return change.kind === "removed" ? "absent" : "unseen";
  if (before === "absent") return { why: "there is no such node" };
  const why = whyNot(before, change);
  if (why !== null) return { why };
  if (change.kind === "removed") return "absent";
  write(change, book);
  const status = change.kind === "offline" || change.kind === "expired" ? change.kind : before.status;
  return { ...before, version, status, jobs: book.page() };
}

function write(change: Exclude<ObservedChange, { kind: "registered" | "removed" }>, book: JobBook): void {
  switch (change.kind) {
    case "health":
      return;
    case "offline":
    case "expired":
      book.giveAll();
      return;
    case "reserved":
      book.take(change.job);
      return;
    case "released":
      book.give(change.job);
      return;
    case "completed":
      book.give(change.job);
      book.complete(change.job);
      return;
    case "lapsed":
      for (const job of change.jobs) book.give(job);
      return;
  }
}

function whyNot(before: NodeMoment, change: ObservedChange): string | null {
  const isOnline = before.status === "online";
  switch (change.kind) {
    case "reserved":
      if (!isOnline) return `the node is ${before.status}`;
      if (before.jobs.has(change.job)) return "the job has a place already";
      if (before.jobs.completion(change.job) === "yes") return "the job has been completed";
      return before.jobs.size < before.max_jobs ? null : `all ${before.max_jobs} places are taken`;
    case "completed":
    case "released":
      return before.jobs.has(change.job) ? null : "the job has no place";
    case "lapsed":
      return change.jobs.every((job) => before.jobs.has(job)) ? null : "a job has no place";
    case "removed":
      return isOnline ? "the node is online" : null;
    default:
      return isOnline ? null : `the node is ${before.status}`;
  }
}

/** As the next epoch found it, where its record was not changed meanwhile. */
export function takenOver({ incarnation, max_jobs, status, version }: NodeContent, book: JobBook): NodeMoment {
  return { status, incarnation, version, max_jobs, jobs: book.page() };
}

export function momentText(moment: Moment): string {
  if (moment === "absent") return "not known to the store";
  if (moment === "unseen") return "not seen by anybody";
  const { incarnation, jobs, max_jobs, status } = moment;
  return `${status}, life ${incarnation}, jobs {${jobs.names().join(", ")}} of ${max_jobs}`;
}
