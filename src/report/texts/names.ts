/** The names of layers, faults, modes and series in both languages. A name that is not known here is shown by its own words. */
import type { LayerName } from "../../evidence/evidence.ts";
import { spaced } from "./spaced.ts";
import { same, type Words } from "./words.ts";

export const layerWords: Readonly<Record<LayerName, Words>> = {
  canary: { en: "canary", zh: "哨兵" },
  explore: { en: "explore", zh: "穷举" },
  conform: { en: "conform", zh: "一致性" },
  simulate: { en: "simulate", zh: "模拟" },
  inject: { en: "inject", zh: "注入故障" },
  check: { en: "check", zh: "复核" },
  bench: { en: "bench", zh: "基准" },
  mutants: { en: "mutants", zh: "变异体" },
};

/** In the order of the numbers in a series. */
export const modes = ["normal", "l2_only", "local_only"] as const;

export const modeWords: Readonly<Record<(typeof modes)[number] | "unknown", Words>> = {
  normal: { en: "normal", zh: "正常" },
  l2_only: { en: "from L2 only", zh: "仅二级缓存" },
  local_only: { en: "from the view only", zh: "仅本地视图" },
  unknown: { en: "unknown", zh: "未知" },
};

export const faultNames: Readonly<Record<string, string>> = {
  client_broken: "客户端失灵",
  client_kill: "断开客户端",
  client_pause: "暂停客户端",
  clock_jump: "时钟跳变",
  command_delayed: "命令延迟",
  command_held: "命令滞留",
  command_repeated: "命令重复",
  feed_entry_deleted: "变更条目被删",
  flush_all: "清空全部",
  instance_close: "实例关闭",
  instance_crash: "实例崩溃",
  instance_pause: "实例暂停",
  instance_slow: "实例变慢",
  redis_bandwidth: "Redis 限速",
  redis_blackhole: "Redis 黑洞",
  redis_busy: "Redis 忙",
  redis_failover: "Redis 主从切换",
  redis_former_primary: "Redis 旧主",
  redis_half_open: "Redis 半开连接",
  redis_latency: "Redis 延迟",
  redis_loading: "Redis 加载中",
  redis_out_of_memory: "Redis 内存不足",
  redis_pause: "Redis 暂停",
  redis_readonly: "Redis 只读",
  redis_refused: "Redis 拒绝连接",
  redis_reset: "Redis 连接重置",
  redis_restart: "Redis 重启",
  redis_sliced: "Redis 分片传输",
  redis_slow_close: "Redis 缓慢关闭",
  redis_split_brain: "Redis 脑裂",
  reply_lost: "应答丢失",
  script_flush: "清空脚本",
  slot_migration: "槽位迁移",
  wake_up_dropped: "唤醒丢失",
  wrong_type: "键类型错误",
};

export function faultWords(kind: string): Words {
  return { en: spaced(kind), zh: faultNames[kind] ?? spaced(kind) };
}

/** `instance 3`. */
export function seriesWords(name: string): Words {
  const [, number] = /^instance (\d+)$/.exec(name) ?? [];
  return number === undefined ? same(spaced(name)) : { en: name, zh: `实例 ${number}` };
}
