/** Every text of the page and of checklist.md, in both languages. Names, numbers and the words of judges are not texts. */
import type { Cause } from "../../check/cause.ts";
import type { Verdict } from "../../check/verdict.ts";
import { counterexample, viewer } from "./counterexample-texts.ts";
import { pictureTexts } from "./picture-texts.ts";
import type { Words } from "./words.ts";

const words = (en: string, zh: string): Words => ({ en, zh });

export const texts = {
  verdict: words("Verdict", "结论"),
  sentence: {
    held: words("Every promise was tested and was kept.", "所有承诺均已检验，全部成立。"),
    violated: words("A promise was broken: do not accept this build.", "有承诺被违反：不得验收此版本。"),
    unknown: words(
      "No promise was seen broken, but the evidence does not suffice: do not sign yet.",
      "未见承诺被违反，但证据不足：暂勿签署。",
    ),
    not_exercised: words(
      "No promise was seen broken, but some were never put to the test: do not sign yet.",
      "未见承诺被违反，但部分承诺从未被检验：暂勿签署。",
    ),
    stale: words(
      "No promise was seen broken, but a stored plan no longer tests what it should: do not sign yet.",
      "未见承诺被违反，但有存档方案已失效：暂勿签署。",
    ),
    broken: words(
      "The run itself failed, so it says nothing about this build: run it again.",
      "运行本身失败，无法说明此版本的情况：请重新运行。",
    ),
  } satisfies Record<Verdict, Words>,
  tally: (properties: string, lines: string): Words =>
    words(`${properties} properties and ${lines} checklist lines held`, `性质 ${properties}、清单 ${lines} 成立`),
  of: (part: string, whole: string): Words => words(`${part} of ${whole}`, `${part}/${whole}`),
  heldAsAsked: words(
    "Every promise that was asked for was tested and was kept.",
    "所有被要求的承诺均已检验，全部成立。",
  ),
  linesNotAsked: (count: string): Words => words(`${count} lines not asked for`, `清单 ${count} 项未要求`),
  propertiesNotAsked: (count: string): Words => words(`${count} properties not asked for`, `性质 ${count} 项未要求`),

  least: words("Least margin", "最小余量"),

  // The first screen.
  checklist: words("Acceptance checklist", "验收清单"),
  language: words("Language", "语言"),
  english: words("English", "English"),
  chinese: words("中文", "中文"),
  margin: words("Margin left", "剩余余量"),
  leftOf: (percent: string): Words => words(`${percent} % left`, `余 ${percent} %`),
  notAsked: words("not asked for", "未要求"),
  nothingMeasured: words("nothing was measured", "没有测量值"),
  openBy: (ids: string): Words => words(`open: ${ids}.`, `未决：${ids}。`),
  violatedBy: (ids: string): Words => words(`violated: ${ids}.`, `违反：${ids}。`),
  besideLines: words("On no line of the checklist:", "不属于清单任何一项："),
  todo: words("What to do", "处理办法"),
  todoFirst: words("What to do:", "处理办法："),
  refuse: words(
    "Do not accept this build. Replay the violation below, and mend what it shows.",
    "不得验收此版本。重放下方的违反证据，并修复其所示问题。",
  ),
  actions: {
    broken: words("Mend what broke the run, then run verify again.", "修复导致运行失败的原因，再次运行 verify。"),
    interrupted: words("Run verify again, and let it end.", "再次运行 verify，直至结束。"),
    stale: words(
      "Renew the stored plan of the regression, which no longer reaches its fault.",
      "更新该回归用例的存档方案，它已触发不到其故障。",
    ),
    missing_shard: words("Run the missing shard, then merge again.", "补跑缺失的分片，再次合并。"),
    not_exercised: words(
      "Run the layers and scenarios that test it: verify without --layer and --scenario, or --profile full.",
      "运行能检验它的层与场景：verify 不带 --layer 与 --scenario，或使用 --profile full。",
    ),
    unobserved: words(
      "What it is compared with was not seen: run without --processes, or let the harness watch the store.",
      "未观察到比对对象：不带 --processes 运行，或允许监视存储。",
    ),
    unspecified: words("See the reason beside its properties.", "见其性质旁的原因。"),
    budget: words("Give it more time with --budget.", "用 --budget 给予更多时间。"),
    machine_load: words("Run verify again on a machine that does nothing else.", "在空闲机器上再次运行 verify。"),
  } satisfies Record<Cause, Words>,
  onlyLayers: (names: string): Words =>
    words(`This run had only these layers: ${names}.`, `本次运行只包含以下层：${names}。`),
  onlyScenarios: (names: string): Words =>
    words(`This run had only these scenarios: ${names}.`, `本次运行只包含以下场景：${names}。`),

  // Figures.
  atMost: (value: Words, limit: Words): Words =>
    words(`${value.en} of at most ${limit.en}`, `${value.zh}，上限 ${limit.zh}`),
  atLeast: (value: Words, limit: Words): Words =>
    words(`${value.en} of at least ${limit.en}`, `${value.zh}，下限 ${limit.zh}`),
  below: (value: Words, limit: Words): Words =>
    words(`${value.en}, to stay below ${limit.en}`, `${value.zh}，须低于 ${limit.zh}`),
  above: (value: Words, limit: Words): Words =>
    words(`${value.en}, to stay above ${limit.en}`, `${value.zh}，须高于 ${limit.zh}`),
  noneAllowed: (value: string, label: Words): Words =>
    words(`${value} ${label.en}, none is allowed`, `${label.zh} ${value} 个，不允许出现`),
  among: (value: string, label: Words, of: Words): Words =>
    words(`${value} ${label.en} among ${of.en}`, `${of.zh}中，${label.zh} ${value} 个`),
  medianOfRounds: (count: string): Words => words(`median of ${count} rounds`, `${count} 轮的中位数`),
  looked: {
    "commands watched": "条受监视命令",
    "files searched": "个已搜索文件",
    "functions on the way of a selection": "个选择路径上的函数",
  },
  sides: {
    simulated: words("simulated", "模拟"),
    fault: words("with faults", "有故障"),
    control: words("without faults", "无故障对照"),
  },

  // The signature.
  signature: words("Signature", "签署"),
  name: words("Name", "姓名"),
  role: words("Role", "职务"),
  date: words("Date", "日期"),
  decision: words("Decision", "决定"),
  accepted: words("accepted", "通过"),
  conditional: words("accepted with conditions", "有条件通过"),
  rejected: words("rejected", "不通过"),

  // The identity.
  identity: words("What was judged", "检验对象"),
  system: words("System under test", "被测系统"),
  version: words("Version", "版本"),
  commit: words("Git commit", "Git 提交"),
  noCommit: words("no checkout", "无 Git 仓库"),
  dirty: words("with uncommitted changes", "含未提交改动"),
  clean: words("without uncommitted changes", "无未提交改动"),
  scripts: words("Scripts", "脚本"),
  profile: words("Profile", "配置档"),
  seed: words("Seed", "种子"),
  shard: words("Shard", "分片"),
  started: words("Started", "开始时间"),
  took: words("Took", "耗时"),
  exitCode: words("Exit code", "退出码"),
  node: words("Node", "Node"),
  redis: words("Redis", "Redis"),
  toxiproxy: words("Toxiproxy", "Toxiproxy"),
  processor: words("Processor", "处理器"),
  cores: (count: string): Words => words(`${count} cores`, `${count} 核`),
  load: words("Load during the run", "运行期间负载"),
  loadText: (before: string, after: string): Words =>
    words(`${before} at the start, ${after} at the end`, `开始 ${before}，结束 ${after}`),
  busyText: (busy: string): Words => words(`${busy} % busy`, `忙碌 ${busy} %`),
  steal: words("Steal during the run", "运行期间被宿主占用"),
  evidence: words("SHA-256 of evidence.json", "evidence.json 的 SHA-256"),
  checksum: words("Checksum of report.json", "report.json 的校验和"),
  notReported: words("not reported", "未报告"),
  notUsed: words("none was used", "未使用"),
  several: words("differs between the parts", "各部分不同"),
  merged: words("Merged from", "合并自"),
  mergedPart: (seed: string, shard: string): Words =>
    words(`seed ${seed}, shard ${shard}`, `种子 ${seed}，分片 ${shard}`),

  // The evidence.
  properties: words("Evidence by property", "逐性质证据"),
  filter: words("Filter", "筛选"),
  text: words("Text", "文本"),
  layer: words("Layer", "层"),
  scenario: words("Scenario", "场景"),
  side: words("Side", "侧"),
  all: words("all", "全部"),
  shown: words("shown", "已显示"),
  keys: words(
    "Keys: / filter, j and k next and previous, Enter opens, Esc clears.",
    "按键：/ 筛选，j、k 下一个与上一个，Enter 展开，Esc 清除。",
  ),
  comparisons: (count: string): Words => words(`${count} comparisons`, `比对 ${count} 次`),
  premise: words("Counts when", "计入条件"),
  reason: words("Reason", "原因"),
  neverMet: words("No run met this premise.", "没有运行满足此条件。"),
  noFigures: words("No figures beside the number of comparisons.", "除比对次数外没有测量值。"),
  left: words("margin left", "剩余余量"),
  figures: words("Figures by scenario, layer and side", "按场景、层与侧列出的测量值"),
  tokens: words("Tokens, to run it again", "用于重放的令牌"),
  copy: words("copy", "复制"),
  copied: words("copied", "已复制"),
  picture: words("picture", "图"),
  lines: words("checklist lines", "清单项"),
  omitted: (count: string): Words => words(`${count} more are in report.json.`, `其余 ${count} 项见 report.json。`),
  violations: words("Violations", "违反"),
  history: words("Stored history and picture", "存储的历史与图"),
  moreLines: (count: string): Words =>
    words(`${count} more lines are in evidence.json.`, `其余 ${count} 行见 evidence.json。`),
  pictures: words("Pictures by scenario", "逐场景图"),
  tightest: words("The tightest scenario", "余量最小的场景"),
  layers: words("Layers", "层"),
  runs: (count: string): Words => words(`${count} runs`, `运行 ${count} 次`),
  repeated: words("Run again on the same seed", "同一种子重复运行"),
  mutants: words("Mutants: wrong programs that have to be caught", "变异体：必须被发现的错误程序"),
  mutationScore: (killed: string, all: string): Words => words(`${killed} of ${all} killed`, `杀死 ${killed}/${all}`),
  mutant: words("Mutant", "变异体"),
  property: words("Property", "性质"),
  runsToKill: words("Runs to kill", "杀死所需运行"),
  mutantVerdicts: {
    killed: words("killed", "杀死"),
    survived: words("survived", "存活"),
    void: words("void", "无效"),
  },
  meanings: words("What the figures mean", "测量值含义"),
  better: {
    lower: words("lower is better", "越低越好"),
    higher: words("higher is better", "越高越好"),
    none: words("neither good nor bad", "无优劣"),
  },
  capped: (violations: string, pictures: string): Words =>
    words(
      `This page is capped: ${violations} violations and the pictures of ${pictures} scenarios were left out. report.json and evidence.json beside it have everything.`,
      `本页大小有上限：省略了 ${violations} 个违反与 ${pictures} 个场景的图。旁边的 report.json 与 evidence.json 保存全部内容。`,
    ),
  incomplete: words("This report is incomplete", "报告不完整"),
  counterexample,
  viewer,
  ...pictureTexts,

  // Pictures.
  latency: {
    title: words("Read latency over time, log scale.", "读取延迟随时间变化（对数刻度）。"),
    see: (limit: string): Words =>
      words(
        `With faults, no read may lie above the line of ${limit} ms. Where reads without faults are slow too, the cause is the machine.`,
        `有故障时，任何读取不得高于 ${limit} ms 线。若无故障的读取同样慢，原因在机器。`,
      ),
    slowest: (side: Words, value: string): Words =>
      words(`${side.en}: slowest ${value} ms`, `${side.zh}：最慢 ${value} ms`),
    none: (side: Words): Words => words(`${side.en}: no reads`, `${side.zh}：没有读取`),
    budget: (limit: string): Words => words(`budget ${limit} ms`, `预算 ${limit} ms`),
  },
  distribution: {
    title: words("Distribution of read latency (ECDF).", "读取延迟分布（ECDF）。"),
    see: (limit: string): Words =>
      words(
        `A curve shows which share of the reads ended within a time; it has to reach 100 % before ${limit} ms.`,
        `曲线表示在某时间内结束的读取占比；须在 ${limit} ms 前到达 100 %。`,
      ),
    within: (side: Words, times: readonly [string, string, string]): Words =>
      words(
        `${side.en}: half within ${times[0]} ms, 99 % within ${times[1]} ms, all within ${times[2]} ms`,
        `${side.zh}：一半在 ${times[0]} ms 内，99 % 在 ${times[1]} ms 内，全部在 ${times[2]} ms 内`,
      ),
  },
  marginPicture: {
    title: words(
      "Deadline margin: what reads left of their budget, log scale.",
      "期限余量：读取所剩的预算（对数刻度）。",
    ),
    see: words(
      "A curve shows which share of the reads had at most so much left. Only what lies left of the dashed line is not the machine's.",
      "曲线表示余量不超过该值的读取占比。只有虚线左侧的部分不归因于机器。",
    ),
    axis: (limit: string): Words => words(`ms left of ${limit}`, `距 ${limit} ms 的余量`),
    usedUp: (limit: string): Words => words(`the ${limit} ms are used up`, `${limit} ms 用尽`),
    reads: (side: Words, count: string, shares: readonly [string, string, string]): Words =>
      words(
        `${side.en}, ${count} reads: half kept ${shares[0]} ms or more, 99 % ${shares[1]} ms, all ${shares[2]} ms`,
        `${side.zh}，${count} 次读取：一半余 ${shares[0]} ms 以上，99 % 余 ${shares[1]} ms，全部余 ${shares[2]} ms`,
      ),
    machine: (side: Words, late: string, longest: string): Words =>
      words(
        `the machine ${side.en}: at one moment in a hundred a wake-up would have come ${late} ms late or later, at worst ${longest} ms`,
        `机器（${side.zh}）：百分之一的时刻唤醒会迟 ${late} ms 以上，最迟 ${longest} ms`,
      ),
  },
  modePicture: {
    title: words("Mode of each instance over time.", "各实例模式随时间变化。"),
    see: words(
      "An instance leaves normal only while a fault, drawn as a band, cuts it off.",
      "实例仅在故障（色带）期间离开正常模式。",
    ),
  },
  convergence: {
    title: words("Convergence: changes of the store that a view lacks.", "收敛：视图缺少的存储变更数。"),
    see: (highest: string): Words =>
      words(
        `Every strip, up to ${highest} changes high, has to end at its line.`,
        `每条带（顶端为 ${highest} 个变更）最终须回到基线。`,
      ),
    lag: (name: Words, most: string, last: string): Words =>
      words(
        `${name.en}: at most ${most} changes behind, ${last === "0" ? "none" : last} at the end`,
        `${name.zh}：最多落后 ${most} 个变更，结束时 ${last} 个`,
      ),
  },

  // checklist.md.
  replayNote: words(
    "A property is not exercised when no run met its premise: it was neither shown nor refuted. Replay a token with `lockproof replay TOKEN`.",
    "“未检验”表示没有任何一次运行满足该性质的前提：既未证明，也未否定。用 `lockproof replay TOKEN` 重放证据。",
  ),
  item: words("item", "项目"),
  figure: words("figure", "实测"),
  propertiesColumn: words("properties", "性质"),
  evidenceColumn: words("evidence", "证据"),
  more: (count: string): Words => words(`and ${count} more`, `另有 ${count} 个`),
} as const;
