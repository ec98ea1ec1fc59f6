/** What the store holds of one node between two changes, and what a change makes of it; written from docs/protocol.md, section 4. */
import type { NodeContent, Version } from "../../history.ts";
import type { Entry, ObservedChange } from "../../observed/observation.ts";
import type { JobBook, JobPage } from "./job-book.ts";

/** What is the same from change to change of its jobs and its health. */
export interface NodeRecord {
  readonly status: string;
  readonly incarnation: string;
  readonly max_jobs: number;
}

export interface NodeMoment extends NodeRecord {
  /** Of the change that made it so. */
  readonly version: Version;
  readonly jobs: JobPage;
}

/** `absent`: the store does not know the node. `unseen`: nobody saw what it held. */
export type Moment = NodeMoment | "absent" | "unseen";
export type Held = NodeRecord | "absent" | "unseen";

/** @returns why the change cannot be, given what is held, or what is held after it; the node's book is written on. */
export function heldAfter(before: Held, { change }: Entry, book: JobBook): Held | { readonly why: string } {
  if (change.kind === "registered") {
    book.next();
    book.giveAll();
    return { status: "online", incarnation: change.incarnation, max_jobs: change.max_jobs };
  }
  const why = typeof before === "string" ? null : whyNot(before, change, book);
  book.next();
  if (change.kind === "removed") book.forget();
  if (before === "unseen") {
    if (change.kind === "completed") book.complete(change.job);
    return change.kind === "removed" ? "absent" : "unseen";
  }
  if (before === "absent") return { why: "there is no such node" };
  if (why !== null) return { why };
  if (change.kind === "removed") return "absent";
  write(change, book);
  if (change.kind !== "offline" && change.kind !== "expired") return before;
  return { ...before, status: change.kind };
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

function whyNot(before: NodeRecord, change: ObservedChange, book: JobBook): string | null {
  const isOnline = before.status === "online";
  switch (change.kind) {
    case "reserved":
      if (!isOnline) return `the node is ${before.status}`;
      if (book.has(change.job)) return "the job has a place already";
      if (book.completion(change.job, book.now) === "yes") return "the job has been completed";
      return book.size < before.max_jobs ? null : `all ${before.max_jobs} places are taken`;
    case "completed":
    case "released":
      return book.has(change.job) ? null : "the job has no place";
    case "lapsed":
      return change.jobs.every((job) => book.has(job)) ? null : "a job has no place";
    case "removed":
      return isOnline ? "the node is online" : null;
    default:
      return isOnline ? null : `the node is ${before.status}`;
  }
}

/** As the next epoch found it, where its record was not changed meanwhile. */
export function takenOver({ incarnation, max_jobs, status }: NodeContent): NodeRecord {
  return { status, incarnation, max_jobs };
}

export function momentText(moment: Moment): string {
  if (moment === "absent") return "not known to the store";
  if (moment === "unseen") return "not seen by anybody";
  const { incarnation, jobs, max_jobs, status } = moment;
  return `${status}, life ${incarnation}, jobs {${jobs.names().join(", ")}} of ${max_jobs}`;
}
