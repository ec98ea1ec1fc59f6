/** The lines of the acceptance checklist, and the properties that decide each. */
import { budget } from "../../check/documented-settings.ts";
import type { PropertyId } from "../../check/properties.ts";

export interface Threshold {
  readonly direction: "at_most" | "at_least";
  readonly value: number;
  /** A value equal to the threshold does not meet it: `< 5`, `> 80`. */
  readonly strict?: boolean;
}

export interface Item {
  readonly id: string;
  readonly title: { readonly en: string; readonly zh: string };
  readonly properties: readonly PropertyId[];
  /** The number that the checklist names: only figures with this threshold are shown, so no layer can loosen it. */
  readonly threshold?: Threshold;
  /** The figure of the claim, where a property has several. */
  readonly figure?: string;
  /** The figure that counts the comparisons, and its words. */
  readonly among?: { readonly figure: string; readonly words: string };
}

export const coverageItem = "line_coverage";

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
    figure: "lock_commands_sent",
    among: { figure: "commands_watched", words: "commands watched" },
  },
  {
    id: "no_old_lock",
    title: { en: "Nothing of the old lock is left", zh: "旧锁已全部移除" },
    properties: ["K4"],
    figure: "locks_in_code",
    among: { figure: "files_searched", words: "files searched" },
  },
  {
    id: "heartbeat_latency",
    title: { en: "Heartbeat P99 < 5 ms", zh: "心跳 P99 < 5 ms" },
    properties: ["B1"],
    threshold: { direction: "at_most", value: 5, strict: true },
  },
  {
    id: "heartbeat_rate",
    title: {
      en: "Performance under stress: the rate a second up to which heartbeat P99 stays < 5 ms",
      zh: "压力下的性能：心跳 P99 保持 < 5 ms 的最高速率（次/秒）",
    },
    properties: ["B1"],
    threshold: { direction: "at_least", value: 2_500 },
  },
  {
    id: "selection_latency",
    title: { en: "Selection P99 < 50 ms", zh: "节点选择 P99 < 50 ms" },
    properties: ["B2"],
    threshold: { direction: "at_most", value: 50, strict: true },
  },
  {
    id: "no_lock_on_path",
    title: { en: "No lock on the scheduling path", zh: "调度路径上没有锁" },
    properties: ["K4"],
    figure: "locks_in_code",
    among: { figure: "functions_on_the_way_of_a_selection", words: "functions on the way of a selection" },
  },
  {
    id: "degradation",
    title: { en: "Degradation within 50 ms", zh: "50 ms 内完成降级" },
    properties: ["D1", "D2", "D3"],
    threshold: { direction: "at_most", value: budget },
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
    title: { en: "The count of current jobs is stable and never negative", zh: "当前任务数稳定且永不为负" },
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
    threshold: { direction: "at_least", value: 80, strict: true },
  },
];
