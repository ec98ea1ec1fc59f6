/** The registry of properties in both languages; the English texts are those of the registry itself. */
import { type PropertyId, properties, propertyIds } from "../../check/properties.ts";
import { numberText } from "../../evidence/words.ts";
import { claimFigure } from "../document/claim-figures.ts";
import type { Words } from "./words.ts";

/** id | claim | premise | what was compared. */
const chinese = `
J1 | current_jobs 永不为负，且始终等于有效预留数 | 某一步可能改变节点的任务 | 次节点任务变动
J2 | 预留绝不使节点超出容量 | 预留遇到已满的节点 | 次对满员节点的预留
J3 | 预留、完成、释放在重试、应答丢失、迟到时保持幂等；已完成的任务按设置保留记忆 | 任务操作在应答丢失后再次执行 | 次重复的任务操作
J4 | 预留不泄漏：所有任务结束或失效后 current_jobs 为 0 | 某节点曾有任务，且全部结束或失效 | 个无进行中任务的节点
J5 | 占用获得所请求的租约，按承诺存续，超期不多于一次清扫；心跳为所列任务续租，不缩短任何租约，并指出无占用的任务 | 任务因已确认的心跳超过首个租约，或租约到期，并最终检查了全部租约 | 次租约终点
V1 | 纪元内序号逐一递增；纪元不会重现，实例也不会退回旧纪元 | 变更取得版本，并开始过新纪元 | 个版本
V2 | 缓存只呈现存储曾完整拥有的内容，且不回退 | 缓存应答与存储曾有的内容比对过 | 次缓存应答
V3 | 故障消除且写入停止后，每个实例在期限内恢复正常，视图的版本与内容与存储一致 | 故障消除后比对过实例视图与存储 | 个视图
V4 | 变更流的缺口在期限内被发现并修复 | 实例至少漏收一次变更 | 个缺口
N1 | 旧心跳或前一化身的心跳绝不覆盖新状态；注册只终结它要取代的化身 | 到达过旧心跳或前一化身的心跳 | 次迟到的心跳
N2 | 正常且已跟上的实例绝不选择离线超过陈旧界限的节点 | 节点离线或过期后发生过选择 | 个离线节点
N3 | 注册的节点在期限内可见，即使有缺失标记 | 查询缺失之后节点才注册 | 次注册
N4 | 持续发送心跳的节点不会因存储离开、时钟跳变或切换服务器而过期或丢失任务；节点存续时间符合设置 | 存储恢复时，发送心跳的节点已过其期限 | 次节点存续
O1 | 每次任务丢失至少通知一个实例的回调；跟随变更流的实例对每次丢失恰好回调一次，任务准确，别无其他；dispatchedHere 指明由其派发的任务 | 实例跟随到使任务失去占用的变更 | 次任务丢失
S1 | 选择只返回在线、合适、有空位且属于规定资源池的节点；不重复，不超过所需数量；派发不询问其他节点 | 选择返回过节点 | 个被选节点
S2 | 应答不遗漏实例必须知道的节点：查询能找到它，仍有余额的选择会给出合格节点 | 应答必须包含某节点 | 个应出现在应答中的节点
S3 | 候选按资源池排列，池内按健康与负载在两个抽取者中取优；同级随机，各实例合计不使任何节点超出其份额 | 在多个池、已知候选或同级候选间作过选择 | 次选择
S4 | 每个实例在期限内启用已存配置，未受扰时与故障消除后均如此；从未存储的配置绝不生效 | 实例配置与已存配置比对过 | 个配置
H1 | 存储的健康评分等于文档所述的指标函数；不可能的指标只损失该指标，不损失心跳 | 已存心跳与节点上报的指标比对过 | 次心跳
P1 | 增量跟随资源池成员：没有纪元变化或变更流截断就不全量重载 | 实例跟随期间资源池成员发生变化 | 次跟随的变更
D1 | 无论 Redis 如何，每次读取 50 ms 内返回，且只等待 Redis | 故障期间有读取 | 次读取
D2 | 故障发生后 50 ms 内降级生效 | 故障使实例与 Redis 断开 | 次断开
D3 | 故障消除后在期限内恢复正常模式，且不抖动 | 曾使实例降级的故障消除 | 次恢复
D4 | 调度器不丢失已确认的写入；Redis 切换时丢失的会被声明 | 已确认写入之后发生切换或数据丢失 | 次已确认写入
D5 | 实例仅在故障下离开正常模式，降级时立即应答，仅在所持内容过旧时进入仅本地模式，经探测与驻留后及时恢复；应答的来源、年龄、陈旧标记与模式均真实 | 询问过降级的实例，或其进入仅本地模式，或恢复正常 | 次应答与恢复
D6 | 写入仅因写入迟到或失败、读取失败或连续两次缺失而停止；探测应答前立即失败、标明未生效且不发送；标明未生效者绝不发生，标明未知者确已发送 | 客户端向降级实例请求写入 | 次被拒写入
L1 | 从客户端看，对节点的操作可线性化 | 判定过含重叠操作的历史 | 次调用
F1 | 从任何可续接的版本起，变更流按序送达每个变更恰好一次 | 从变更流读取过变更 | 次变更
C1 | 过期是分散的：同时写入的条目不造成超限的 Redis 突发 | 大量同时写入的条目到期 | 次到期
C2 | 查询缺失节点时，每实例每个缺失期内最多一次 Redis 请求 | 反复查询过缺失节点 | 次缺失查询
K1 | 每个脚本只访问已声明的键，全部位于同一槽位且带前缀 | 在真实 Redis 上监视过脚本命令 | 条命令
K2 | 每个脚本均可安全执行两次，失败时不留下半个变更 | 以相同参数再次执行过脚本 | 次重复执行
K3 | 每个 Redis 操作在期限内结束，客户端写入在其各次调用的期限内结束 | 故障期间有进行中的 Redis 操作 | 次操作
K4 | 调度路径上没有锁：没有互斥量，没有阻塞或锁类 Redis 命令，选择中没有等待 | 搜索过源码并监视过负载运行 | 条命令
K7 | 每个脚本的应答与变更完全符合协议；协议不允许的在读取或发送前被拒绝，别无其他被拒 | 脚本应答与全部键同模型比对过，或以极限参数调用过实例 | 次调用
K5 | 并发调用不超过 maxCalls，缓存应答不超过 maxEntries，已结束的调用不留下任何内容；负载不妨碍跟随；在文档规模下单次调用占用服务器不超过 2 ms | 因并发过多拒绝过调用，或服务器统计过最大调用的耗时 | 次被拒调用
K6 | 关闭会排空，不再发送，不残留定时器或连接；之后的应答为错误或标记陈旧 | 关闭时有进行中的调用，或关闭后被询问 | 次关闭
S5 | 有合格节点、空位和剩余尝试时派发必定成功；再次询问同一节点仅为确认预留且优先进行；遵守租约、中止与允许的写入 | 派发询问过节点 | 次派发询问
M1 | 计数器等于实际发生：事件、按来源的应答、按操作与结果的调用 | 计数器与所计内容比对过 | 个计数器
B1 | 心跳 P99 < 5 ms | 测量过正常负载 | 次心跳
B2 | 选择 P99 < 50 ms，正常与各种故障下均如此 | 正常与故障下测量过选择 | 次选择
B3 | 冷启动时间有界 | 测量过冷启动 | 次冷启动
`;

const rows = new Map(
  chinese
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [id = "", claim = "", premise = "", compared = ""] = line.split(" | ");
      return [id, { claim, premise, compared }] as const;
    }),
);

export interface PropertyWords {
  readonly claim: Words;
  readonly premise: Words;
  /** `33,351 reservations of a full node compared`; null: nothing was compared. */
  compared(exercised: number): Words | null;
}

export function propertyWords(id: PropertyId): PropertyWords {
  const { claim, premise } = properties[id];
  const zh = rows.get(id) ?? { claim, premise, compared: "" };
  return {
    claim: { en: claim, zh: zh.claim },
    premise: { en: premise, zh: zh.premise },
    compared(exercised) {
      const figure = claimFigure({ id, exercised }, 0);
      if (figure === null) return null;
      return { en: figure.of, zh: `${numberText(exercised)} ${zh.compared}` };
    },
  };
}

/** The properties without a text of their own in Chinese. */
export const missingTexts: readonly PropertyId[] = propertyIds.filter((id) => {
  const own = rows.get(id);
  return own === undefined || own.claim === "" || own.premise === "" || own.compared === "";
});
