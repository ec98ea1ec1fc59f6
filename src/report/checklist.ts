/** The plan's acceptance checklist: fifteen lines, each settled by properties and shown with the figure nearest its threshold. */
import type { PropertyId } from "../check/properties.ts";
import { joinVerdicts, type Verdict } from "../check/verdict.ts";
import type { Figure, PropertyEvidence } from "./evidence.ts";
import type { ChecklistLine } from "./schema.ts";
import { timesExercised } from "./words.ts";

interface Threshold {
  readonly direction: "at_most" | "at_least";
  readonly value: number;
}

interface Item {
  readonly id: string;
  readonly title: { readonly en: string; readonly zh: string };
  readonly properties: readonly PropertyId[];
  /** Where the plan names a number: only figures measured against this threshold are shown, and it cannot be loosened by a layer. */
  readonly threshold?: Threshold;
}

const coverageItem = "line_coverage";
const atLeastOnce: Threshold = { direction: "at_least", value: 1 };

export const checklistItems: readonly Item[] = [
  {
    id: "redis_store",
    title: { en: "Registration, heartbeat and scheduling run on Redis", zh: "节点注册、心跳与调度均基于 Redis" },
    properties: ["N1", "N3", "J2", "L1"],
  },
  {
    id: "lock_free_only",
    title: { en: "The lock-free path is the only path", zh: "只走无锁路径" },
    properties: ["K4"],
  },
  { id: "no_old_lock", title: { en: "Nothing of the old lock is left", zh: "旧锁已全部移除" }, properties: ["K4"] },
  {
    id: "heartbeat_latency",
    title: { en: "Heartbeat P99 < 5 ms", zh: "心跳 P99 < 5 ms" },
    properties: ["B1"],
    threshold: { direction: "at_most", value: 5 },
  },
  {
    id: "selection_latency",
    title: { en: "Selection P99 < 50 ms", zh: "节点选择 P99 < 50 ms" },
    properties: ["B2"],
    threshold: { direction: "at_most", value: 50 },
  },
  {
    id: "no_lock_on_path",
    title: { en: "No lock on the scheduling path", zh: "调度路径上没有锁" },
    properties: ["K4"],
  },
  {
    id: "degradation",
    title: { en: "Degradation within 50 ms", zh: "50 ms 内完成降级" },
    properties: ["D1", "D2", "D3"],
    threshold: { direction: "at_most", value: 50 },
  },
  {
    id: "versions",
    title: { en: "Versions work: caches converge and never go back", zh: "版本机制有效：缓存收敛且不回退" },
    properties: ["V1", "V2", "V3"],
  },
  {
    id: "incremental_pools",
    title: { en: "Pool members are followed incrementally", zh: "资源池成员增量更新" },
    properties: ["P1"],
  },
  {
    id: "current_jobs",
    title: { en: "current_jobs is stable and never negative", zh: "current_jobs 稳定且永不为负" },
    properties: ["J1", "J2", "J4"],
  },
  {
    id: "subscription",
    title: { en: "The subscription recovers by itself", zh: "订阅断开后自动恢复" },
    properties: ["V4", "F1"],
  },
  { id: "one_hash_tag", title: { en: "One hash tag a script", zh: "每个脚本只用一个哈希标签" }, properties: ["K1"] },
  {
    id: "retryable",
    title: { en: "Every script can be retried", zh: "每个脚本均可安全重试" },
    properties: ["K2", "J3"],
  },
  {
    id: "deadlines",
    title: { en: "Every Redis operation has a deadline", zh: "每个 Redis 操作都有超时限制" },
    properties: ["K3"],
  },
  {
    id: coverageItem,
    title: { en: "Line coverage > 80 %", zh: "行覆盖率 > 80 %" },
    properties: [],
    threshold: { direction: "at_least", value: 80 },
  },
];

/** @param coverage per cent of lines, where a coverage summary was handed in */
export function judgeChecklist(
  evidence: ReadonlyMap<PropertyId, PropertyEvidence>,
  coverage: number | undefined,
): readonly ChecklistLine[] {
  return checklistItems.map((item) => {
    if (item.id === coverageItem) return coverageLine(item, coverage);
    return judgeItem(
      item,
      item.properties.flatMap((id) => evidence.get(id) ?? []),
    );
  });
}

function judgeItem(item: Item, parts: readonly PropertyEvidence[]): ChecklistLine {
  const nearest = nearestFigure(
    item,
    parts.flatMap((part) => part.figures),
  );
  const threshold = item.threshold ?? (nearest === undefined ? atLeastOnce : thresholdOf(nearest)) ?? null;
  const verdicts: Verdict[] = parts.length < item.properties.length ? ["not_exercised"] : [];
  verdicts.push(...parts.map((part) => part.verdict));
  if (nearest !== undefined && threshold !== null && !within(nearest.value, threshold)) verdicts.push("violated");
  return {
    id: item.id,
    title: item.title,
    verdict: joinVerdicts(verdicts),
    figure: nearest === undefined ? unmeasured(item, parts) : pick(nearest),
    threshold,
    properties: [...item.properties],
  };
}

function pick(figure: Figure): ChecklistLine["figure"] {
  return { name: figure.name, value: figure.value, of: figure.of ?? null };
}

/** Where the plan asks for no number, the figure is how often the least exercised of the properties was exercised. */
function unmeasured(item: Item, parts: readonly PropertyEvidence[]): ChecklistLine["figure"] {
  if (parts.length === 0 || item.threshold !== undefined) return null;
  return { name: timesExercised, value: Math.min(...parts.map((part) => part.exercised)), of: null };
}

function coverageLine(item: Item, coverage: number | undefined): ChecklistLine {
  const threshold = item.threshold ?? null;
  return {
    id: item.id,
    title: item.title,
    verdict: coverage === undefined ? "not_exercised" : coverage > (threshold?.value ?? 100) ? "held" : "violated",
    figure: coverage === undefined ? null : { name: "line_coverage_percent", value: coverage, of: null },
    threshold,
    properties: [],
  };
}

function thresholdOf(figure: Figure): Threshold | undefined {
  return figure.threshold === undefined
    ? undefined
    : { direction: figure.direction ?? "at_most", value: figure.threshold };
}

/** The figure with the least room to its threshold, relative to the threshold. */
function nearestFigure(item: Item, figures: readonly Figure[]): Figure | undefined {
  let nearest: { readonly figure: Figure; readonly room: number } | undefined;
  for (const figure of figures) {
    const threshold = thresholdOf(figure);
    if (threshold === undefined || (item.threshold !== undefined && !same(threshold, item.threshold))) continue;
    const room = roomLeft(figure.value, threshold);
    if (nearest === undefined || room < nearest.room) nearest = { figure, room };
  }
  return nearest?.figure;
}

function same(one: Threshold, other: Threshold): boolean {
  return one.direction === other.direction && one.value === other.value;
}

function roomLeft(value: number, { direction, value: limit }: Threshold): number {
  const room = direction === "at_most" ? limit - value : value - limit;
  return limit === 0 ? room : room / Math.abs(limit);
}

function within(value: number, threshold: Threshold): boolean {
  return roomLeft(value, threshold) >= 0;
}
