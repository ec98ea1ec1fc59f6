/** The texts beside the diagram of a counterexample. What judges say stays as they say it. */
import type { Words } from "./words.ts";

const words = (en: string, zh: string): Words => ({ en, zh });

export const counterexample = {
  title: words("Who did what", "事件经过"),
  see: words(
    "Time goes down, a lane is a participant, an arrow a message; the marked event breaks the property.",
    "时间自上而下，每列为一个参与者，箭头为消息；标出的事件违反性质。",
  ),
  states: words("What the store held and what each believed, after each event", "每个事件之后存储的内容与各方所见"),
  event: words("event", "事件"),
  before: words("before", "开始之前"),
  nothing: words("nothing", "无"),
  rest: (count: string): Words => words(`… ${count} lines more`, `…… 另有 ${count} 行`),
  lane: words("participant", "参与者"),
  stateBefore: words("before this step", "此步之前"),
  stateAfter: words("after this step", "此步之后"),
  claimed: words("claimed", "要求"),
  found: words("found", "所见"),
  cut: words("Cut", "已截短"),
  noReturn: words("point of no return", "不可挽回点"),
  parted: words("first difference", "首个差异"),
  broken: words("broken", "违反"),
  forEver: words("for ever", "无限重复"),
  rests: words(
    "and there it may rest for ever: nothing that is fair can happen",
    "此后可能永远停留：不会再有公平的事件发生",
  ),
  stepKeys: words("← → steps, Home and End jump", "← → 逐步，Home、End 跳转"),
  first: words("first", "开头"),
  back: words("← back", "← 上一步"),
  next: words("next →", "下一步 →"),
  toBroken: words("to the violation", "到违反处"),
  /** Where the report has no timeline of a violation. */
  none: words(
    "No diagram: this report holds no timeline of it. The replay command draws one with --html.",
    "无图：本报告没有其时间线。用重放命令加 --html 可绘制。",
  ),
  beside: words("The diagram is not in this page; it is in the file beside it.", "图不在本页，见旁边的文件。"),
  legend: {
    message: words("message", "消息"),
    lost: words("lost", "丢失"),
    late: words("late or repeated", "迟到或重复"),
    fault: words("fault", "故障"),
    broken: words("where it breaks", "违反之处"),
  },
} as const;

/** The texts beside the links to trace viewers. */
export const viewer = {
  whole: words("The whole run, step by step:", "逐步查看整个运行："),
  missing: words("Where that file is not beside this page:", "若该文件不在本页旁："),
  elsewhere: words(
    "The whole run, step by step; in the folder of the run:",
    "逐步查看整个运行；在该次运行的文件夹中：",
  ),
} as const;
