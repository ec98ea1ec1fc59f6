/** Audits a live store, read-only, until its time is over, a signal ends it or the store is lost. */
import type { Millis } from "../check/history.ts";
import type { Judgement } from "../check/judgement.ts";
import { joinVerdicts, type Verdict } from "../check/verdict.ts";
import { messageOf, UsageError } from "../evidence/failure.ts";
import { durationText } from "../evidence/words.ts";
import { AddressError } from "../redis/errors.ts";
import { PrefixError } from "../redis/scripts/keys.ts";
import { PartitionAudit, type Violation } from "./audit/partition-audit.ts";
import { Sums } from "./audit/sums.ts";
import { HistoryFiles } from "./history-files.ts";
import { createRegistry, serveMetrics } from "./metrics.ts";
import type { Source } from "./reading.ts";
import { NoAnswerError, RedisSource } from "./redis-source.ts";
import { firstAnswerWithin, lostAfter, type WatchClock, type WatchEvent, WatchLoop } from "./watch-loop.ts";

/** A violation of one property by one node is reported again after this long. */
const repeatAfter: Millis = 60_000;
/** Nodes of which it is remembered when they were reported. */
const mostReported = 10_000;

export interface WatchOptions {
  readonly url: string;
  /** The prefix of the keys. */
  readonly namespace: string;
  /** Commands a second. */
  readonly rate: number;
  /** Changes of a partition that are kept for the history of a violation. */
  readonly keep: number;
  /** Where histories are kept. */
  readonly dir: string;
  /** Absent: no metrics. */
  readonly metricsPort?: number;
  /** Aborted when the watch is to end. */
  readonly ended: AbortSignal;
  readonly clock: WatchClock;
  readonly on: (event: Reported) => void;
  /** Called with the address of the metrics. */
  readonly onMetrics: (url: string) => void;
  /** Instead of a real Redis. */
  readonly source?: Source;
}

/** `history`: the file that was kept; null: none, since enough were kept, or it could not be written (`lack`). */
export type Reported =
  | WatchEvent
  | ({ readonly kind: "violation"; readonly history: string | null; readonly lack: string | null } & Violation);

export interface Watched {
  readonly verdict: Verdict;
  readonly judgements: readonly Judgement[];
  /** Why the store was lost for good; null: it was not. */
  readonly lost: string | null;
  readonly counts: {
    readonly partitions: number;
    readonly nodes: number;
    readonly changes: number;
    readonly changes_missed: number;
    readonly looks: number;
    readonly absences: number;
  };
}

/** @throws UsageError, BrokenRunError */
export async function watchStore(options: WatchOptions): Promise<Watched> {
  const { clock, ended, keep, metricsPort, rate } = options;
  const begun = clock.now();
  const source = options.source ?? openSource(options, () => clock.now() - begun);
  const close = (): void => {
    if (source instanceof RedisSource) source[Symbol.dispose]();
  };
  // A call in flight must not delay the end of the watch.
  ended.addEventListener("abort", close, { once: true });
  try {
    const sums = new Sums();
    const report = reporter(options, new HistoryFiles(options.dir));
    const loop = new WatchLoop({
      ...{ source, clock, rate, ended, on: options.on, mayPass: (error) => error instanceof NoAnswerError },
      audit: (partition) => new PartitionAudit(partition, { sums, keep, onNotice: options.on, onViolation: report }),
    });
    using metrics = metricsPort === undefined ? null : await serveMetrics(createRegistry({ sums, loop }), metricsPort);
    if (metrics !== null) options.onMetrics(metrics.url);
    const isThere = await loop.run();
    return conclusion(loop, sums, isThere);
  } finally {
    ended.removeEventListener("abort", close);
    close();
  }
}

function openSource({ namespace: prefix, url }: WatchOptions, now: () => Millis): RedisSource {
  try {
    return new RedisSource({ url, prefix, now });
  } catch (error) {
    if (error instanceof AddressError) {
      throw new UsageError(error.message, {
        where: "<url>",
        fix: "give redis://[user:password@]host:port, or rediss://",
      });
    }
    if (error instanceof PrefixError)
      throw new UsageError(error.message, { where: "--namespace", fix: "give the prefix of the keys, such as lp:" });
    throw error;
  }
}

type OnViolation = ConstructorParameters<typeof PartitionAudit>[1]["onViolation"];

/** Reports each violation once in a while, so that a store that stays wrong does not fill the log. All are counted. */
function reporter({ clock, on }: Pick<WatchOptions, "clock" | "on">, files: HistoryFiles): OnViolation {
  const reportedAt = new Map<string, Millis>();
  return (violation, history) => {
    const { node, partition, property } = violation;
    const key = JSON.stringify([property, partition, node]);
    const now = clock.now();
    if (now - (reportedAt.get(key) ?? Number.NEGATIVE_INFINITY) < repeatAfter) return;
    if (reportedAt.size >= mostReported) reportedAt.clear();
    reportedAt.set(key, now);
    let kept: string | null = null;
    let lack: string | null = null;
    try {
      kept = files.keep(violation, history());
      if (kept === null) lack = "enough histories of this property are kept";
    } catch (error) {
      lack = `the history cannot be written: ${messageOf(error)}`;
    }
    on({ kind: "violation", ...violation, history: kept, lack });
  };
}

function conclusion(loop: WatchLoop, sums: Sums, isThere: boolean): Watched {
  const { absences, audits } = loop;
  for (const audit of audits) audit.finish();
  const judgements = sums.judgements(openIn(loop));
  const limit = audits.length === 0 ? firstAnswerWithin : lostAfter;
  const lost = isThere ? null : `Redis has not answered for ${durationText(limit)}`;
  const verdicts = judgements.map(({ verdict }) => verdict);
  return {
    verdict: joinVerdicts([...verdicts, ...(isThere ? [] : (["broken"] as const))]),
    judgements,
    lost,
    counts: {
      partitions: audits.length,
      nodes: audits.reduce((sum, { nodes }) => sum + nodes, 0),
      ...{ changes: sums.changes, changes_missed: sums.unseen.changes, looks: sums.looks },
      absences,
    },
  };
}

/** Returns the reasons that leave the whole open, in words. */
function openIn({ audits, isAway }: WatchLoop): readonly string[] {
  const unloaded = audits.filter(({ isLoaded }) => !isLoaded).length;
  const behind = audits.reduce((sum, audit) => sum + audit.behind, 0);
  const unreadable = audits.reduce((sum, audit) => sum + audit.unreadable, 0);
  return [
    ...(isAway ? ["Redis did not answer at the end"] : []),
    ...(unloaded === 0 ? [] : [`not every node of ${unloaded} of ${audits.length} partitions had been looked at`]),
    ...(behind === 0 ? [] : [`${behind} changes had not been read at the end`]),
    ...(unreadable === 0 ? [] : [`${unreadable} nodes could not be read`]),
  ];
}
