/** The texts of the trace viewer. What instances, store and judges say stays as they say it. */
import type { Words } from "../report/texts/words.ts";

const words = (en: string, zh: string): Words => ({ en, zh });

export const viewerTexts = {
  language: words("Language", "语言"),
  english: words("English", "English"),
  chinese: words("中文", "中文"),
  copy: words("copy", "复制"),
  heading: words("Run, step by step", "逐步查看运行"),
  needsScripts: words(
    "Steps need scripts. Without them, lockproof replay TOKEN --trace FILE writes every event as a line.",
    "逐步查看需要脚本。没有脚本时，可用 lockproof replay 令牌 --trace 文件 逐行写出全部事件。",
  ),
  see: words(
    "Bands are faults, strips the modes of instances; the red line is the violation, the blue one where you are.",
    "色带为故障，横条为各实例的模式；红线为违反之处，蓝线为当前位置。",
  ),
  overview: words("The whole run.", "整个运行。"),
  noViolation: words("nothing was violated in this run", "此运行中没有违反"),
  observed: words(
    "In a stored history the store is as its observer saw it, up to 250 ms later: a view may seem to be ahead of it.",
    "在存储的历史中，存储内容为观察者所见，最多迟 250 ms：视图可能看似领先。",
  ),
  beside: words("Beside it", "对照"),
  cut: (count: string): Words => words(`${count} steps before the first were left out.`, `省略了最前的 ${count} 步。`),
  slider: words("Step", "步"),
  first: words("first", "开头"),
  back: words("← back", "← 上一步"),
  next: words("next →", "下一步 →"),
  last: words("last", "结尾"),
  fault: words("next fault", "下个故障"),
  mode: words("next mode", "下个模式变化"),
  broken: words("to the violation", "到违反处"),
  difference: words("to the first difference", "到首个差异"),
  keys: words(
    "← → step, Page keys 100 steps, f fault, m mode, v violation",
    "← → 逐步，翻页键 100 步，f 故障，m 模式，v 违反",
  ),
  around: words("Steps around it", "前后步骤"),
  states: words("State after this step; what it changed is marked", "此步之后的状态；变化已标出"),
  violatedHere: words("the property is violated here", "性质在此被违反"),
  /** The first words of keys, for readers. */
  labels: {
    mode: words("mode", "模式"),
    process: words("process", "进程"),
    commands: words("commands", "命令连接"),
    feed: words("feed", "变更连接"),
    partition: words("version of partition", "分区版本"),
    node: words("node", "节点"),
    call: words("call in flight", "进行中的调用"),
    request: words("request in flight", "进行中的请求"),
    place: words("reserved, not yet in the view", "已预订，视图未见"),
    cache: words("last answered", "最近答复"),
    fault: words("fault", "故障"),
    behind: words("the store is at", "存储位于"),
    nothing: words("nothing is known yet", "尚无所知"),
  },
} as const;
