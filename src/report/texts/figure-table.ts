/**
 * The registry of figures, a line each: id | unit | direction | aggregation | English | Chinese | meaning in English | meaning in Chinese.
 * Direction is the side of the better values, or `none` where a value is neither good nor bad.
 */

/** The figures that judges and bench measure. */
export const measuredFigures = `
read_latency_ms_p50 | ms | lower | median | median read | 读取中位数 | half of the reads ended within this time | 一半读取在此时间内结束
read_latency_ms_p95 | ms | lower | P95 | read P95 | 读取 P95 | 95 % of the reads ended within this time | 95 % 的读取在此时间内结束
read_latency_ms_p99 | ms | lower | P99 | read P99 | 读取 P99 | 99 % of the reads ended within this time | 99 % 的读取在此时间内结束
read_latency_ms_max | ms | lower | worst | slowest read | 最慢读取 | the longest time that a read took | 单次读取的最长耗时
read_margin_ms_min | ms | higher | worst | least margin of a read | 读取最小余量 | what the slowest read left of its budget | 最慢读取距预算的余量
reads_met_by_a_standstill | count | none | count | reads met by a standstill | 遇到停顿的读取 | reads during which the machine ran nothing | 期间机器完全停顿的读取次数
cpu_us_of_a_read_max | us | lower | worst | CPU of a read | 单次读取的 CPU 时间 | the most processor time that a read took | 单次读取占用的最长处理器时间
cpu_us_of_a_selection_max | us | lower | worst | CPU of a selection | 单次选择的 CPU 时间 | the most processor time that a selection took | 单次选择占用的最长处理器时间
cpu_us_of_a_step_max | us | lower | worst | CPU of a step | 单步 CPU 时间 | the most processor time that one step took, during which a read would wait | 单个步骤占用的最长处理器时间，期间读取须等待
time_to_degradation_ms_p50 | ms | lower | median | median degradation | 降级用时中位数 | half of the degradations were in force within this time | 一半降级在此时间内生效
time_to_degradation_ms_max | ms | lower | worst | slowest degradation | 最慢降级 | the longest time from a fault to its degradation | 从故障到降级生效的最长时间
time_to_normal_ms_p50 | ms | lower | median | median return to normal | 恢复正常用时中位数 | half of the returns to normal took no longer | 一半恢复不超过此时间
time_to_normal_ms_max | ms | lower | worst | slowest return to normal | 最慢恢复正常 | the longest time from healing to normal | 从故障消除到恢复正常的最长时间
time_to_convergence_ms_max | ms | lower | worst | slowest convergence | 最慢收敛 | the longest time until a view equalled the store | 视图与存储一致所需的最长时间
time_to_repair_ms_p50 | ms | lower | median | median repair of a gap | 缺口修复中位数 | half of the gaps were repaired within this time | 一半缺口在此时间内修复
time_to_repair_ms_max | ms | lower | worst | slowest repair of a gap | 最慢缺口修复 | the longest time until a gap in the feed was repaired | 变更流缺口修复所需的最长时间
time_to_visible_ms_max | ms | lower | worst | slowest visibility | 最慢可见 | the longest time until a registered node was visible | 节点注册后可见所需的最长时间
time_to_close_ms_max | ms | lower | worst | slowest close | 最慢关闭 | the longest time that closing an instance took | 关闭实例的最长耗时
time_without_a_look_ms_max | ms | lower | worst | longest time without a look | 最长未查看时间 | the longest time in which an instance did not follow the feed | 实例未跟随变更流的最长时间
selected_after_going_ms_max | ms | lower | worst | latest selection of a gone node | 对已离线节点的最迟选择 | how long after it had gone a node was still selected | 节点离线后仍被选中的最长时间
selection_ms_p50 | ms | lower | median | median selection | 选择中位数 | half of the selections ended within this time | 一半选择在此时间内结束
selection_ms_p99 | ms | lower | P99 | selection P99 | 选择 P99 | 99 % of the selections ended within this time | 99 % 的选择在此时间内结束
configuration_taken_over_ms_max | ms | lower | worst | slowest configuration | 最慢配置生效 | the longest time until a stored configuration was in force | 已存配置生效的最长时间
past_deadline_ms_max | ms | lower | worst | furthest past a deadline | 最大超时量 | how far an operation went past its deadline | 操作超过期限的最大时间
heartbeat_ms_p99 | ms | lower | P99 | heartbeat P99 | 心跳 P99 | 99 % of the heartbeats ended within this time | 99 % 的心跳在此时间内结束
heartbeats_per_s_within_5_ms | per_s | higher | rate | heartbeats within 5 ms | 5 ms 内的心跳速率 | the highest rate at which heartbeat P99 stayed below 5 ms | 心跳 P99 保持低于 5 ms 的最高速率
cold_start_ms | ms | lower | median | cold start, 10,000 nodes | 冷启动（1 万节点） | the time from nothing to ready with 10,000 nodes | 1 万节点从零到就绪的时间
cold_start_many_ms | ms | lower | median | cold start, 100,000 nodes | 冷启动（10 万节点） | the time from nothing to ready with 100,000 nodes | 10 万节点从零到就绪的时间
select_us_p99 | us | lower | P99 | selection among 10,000 nodes, P99 | 1 万节点中选择 P99 | 99 % of the selections among 10,000 nodes ended within this time | 1 万节点中 99 % 的选择在此时间内结束
select_many_us_p99 | us | lower | P99 | selection among 100,000 nodes, P99 | 10 万节点中选择 P99 | 99 % of the selections among 100,000 nodes ended within this time | 10 万节点中 99 % 的选择在此时间内结束
get_node_l1_per_s | per_s | higher | rate | lookups from L1 | L1 查询速率 | lookups that the first cache answered | 由一级缓存应答的查询
heartbeats_to_redis_limit_ratio | ratio | higher | ratio | heartbeats against Redis alone | 心跳速率与 Redis 极限之比 | the rate of heartbeats divided by what Redis itself reaches | 心跳速率除以 Redis 自身极限
pairs_to_bullmq_ratio | ratio | higher | ratio | job pairs against BullMQ | 任务速率与 BullMQ 之比 | pairs of reserve and complete divided by those of BullMQ | 预留加完成的速率除以 BullMQ 的速率
memory_mb | mb | lower | median | memory of 100,000 nodes | 10 万节点内存 | memory of an instance above that of an empty one | 实例相对空实例多占的内存
loop_delay_ms_p99 | ms | lower | P99 | delay of the event loop, P99 | 事件循环延迟 P99 | how late 99 % of the turns of the event loop were at most | 99 % 的事件循环延迟上限
expiry_burst_ratio | ratio | lower | ratio | burst of expiries | 过期突发 | the busiest slice of expiries divided by the mean | 过期最忙时段与均值之比
refresh_burst_ratio | ratio | lower | ratio | burst of refreshes | 刷新突发 | the busiest slice of cache refreshes divided by the mean | 缓存刷新最忙时段与均值之比
miss_requests_max | count | lower | worst | requests for a missing node | 查询缺失节点的请求 | the most requests for one missing node within a miss TTL | 一个缺失标记期内对同一缺失节点的最多请求
machine_late_ms_p99 | ms | none | P99 | lateness of the machine, P99 | 机器迟滞 P99 | how late 99 % of the wake-ups would be at most, whatever ran | 无论运行什么，99 % 唤醒的迟滞上限
machine_late_ms_max | ms | none | worst | lateness of the machine | 机器最大迟滞 | how late a wake-up would be at worst, whatever ran | 无论运行什么，唤醒的最大迟滞
machine_still_percent | percent | none | share | standstill of the machine | 机器停顿占比 | the share of the run in which nothing ran | 运行中机器完全停顿的时间占比
pipe_ms_p50 | ms | none | median | median way to the process | 进程通信中位数 | half of the lines between harness and process took no longer | 一半进程间消息不超过此时间
pipe_ms_p99 | ms | none | P99 | way to the process, P99 | 进程通信 P99 | 99 % of the lines between harness and process took no longer | 99 % 的进程间消息不超过此时间
pipe_ms_max | ms | none | worst | slowest way to the process | 最慢进程通信 | the longest time of a line between harness and process | 进程间单条消息的最长时间
unjudged | count | lower | count | results left to the machine | 归因于机器的结果 | results that the machine kept from being judged | 因机器原因无法判定的结果数
unjudged_percent | percent | lower | share | share left to the machine | 归因于机器的占比 | the share of results that the machine kept from being judged | 因机器原因无法判定的结果占比
unseen_percent | percent | lower | share | share not observed | 未观察到的占比 | the share of what was to be judged that the observer did not see | 应判定但未观察到的占比
epochs_begun | count | none | count | epochs begun | 新纪元 | how many epochs began | 开始的纪元数
epochs_followed | count | none | count | epochs followed | 跟随的纪元 | how many epochs an instance followed | 实例跟随的纪元数
selected_beside_own_places | count | none | count | selections beside own places | 存在自身预留时的选择 | selections while own reservations were pending | 存在未可见的自身预留时的选择
selected_by_configuration | count | none | count | selections by configuration | 按配置的选择 | selections whose pools the configuration prescribed | 资源池由配置决定的选择
asked_by_dispatches | count | none | count | nodes asked by dispatches | 派发询问的节点 | nodes that a dispatch asked for a place | 派发时被询问的节点
refusals_compared | count | none | count | refusals compared | 比对的拒绝 | refusals of full nodes that were compared with certain places | 与确定占用比对过的满员拒绝
times_local_only | count | none | count | times local only | 进入仅本地模式 | how often an instance answered from its view alone | 实例仅凭本地视图应答的次数
asked_after_a_refusal | count | none | count | nodes asked after a refusal | 被拒后再询问 | nodes that a dispatch asked after another had refused | 一个节点拒绝后派发再询问的节点
found_no_node | count | none | count | dispatches without a node | 无节点的派发 | dispatches that found no node | 未找到节点的派发
asked_with_a_lease_of_its_own | count | none | count | dispatches with a lease of their own | 自带租约的派发 | dispatches that asked for a lease of their own | 指定自身租约的派发
aborted_dispatches | count | none | count | aborted dispatches | 中止的派发 | dispatches that their caller aborted | 被调用者中止的派发
views_compared | count | none | count | views compared | 比对的视图 | views that were compared with the feed | 与变更流比对过的视图
changes_delivered | count | none | count | changes delivered | 送达的变更 | changes that the feed delivered | 变更流送达的变更
writes_refused | count | none | count | writes refused | 被拒写入 | writes that a degraded instance refused | 降级实例拒绝的写入
writes_sent_while_degraded | count | none | count | writes sent while degraded | 降级期间发出的写入 | writes that a degraded instance sent | 降级实例发出的写入
denied_writes_compared | count | none | count | denied writes compared | 比对的否认写入 | writes answered as not applied that were looked for in the store | 应答为未生效并在存储中核查过的写入
calls_judged | count | none | count | calls judged | 判定的调用 | calls of clients that were judged | 判定过的客户端调用
configurations_judged | count | none | count | configuration answers | 判定的配置应答 | answers to configurations that clients stored | 判定过的客户端存入配置的应答
calls_unanswered | count | none | count | calls without an answer | 无应答的调用 | calls that may or may not have happened | 可能发生也可能未发生的调用
reloads_after_epoch_change | count | none | count | reloads after an epoch change | 纪元变化后的重载 | full reloads that an epoch change required | 因纪元变化而必需的全量重载
reloads_after_trim | count | none | count | reloads after a trimmed feed | 变更流截断后的重载 | full reloads that a trimmed feed required | 因变更流截断而必需的全量重载
reloads_without_cause | count | lower | count | reloads without cause | 无故的重载 | full reloads that nothing required | 没有必要的全量重载
of_a_former_life | count | none | count | heartbeats of a former incarnation | 前一化身的心跳 | heartbeats of a node's former incarnation that arrived | 到达的节点前一化身的心跳
acknowledged_writes | count | none | count | acknowledged writes | 已确认写入 | writes that the store had acknowledged | 存储已确认的写入
lost_with_a_named_epoch_change | count | none | count | writes lost with a named epoch change | 已声明纪元变化的丢失写入 | writes that Redis lost and a new epoch named | Redis 丢失并由新纪元声明的写入
heartbeats_compared | count | none | count | heartbeats compared | 比对的心跳 | heartbeats that were compared after a loss | 丢失之后比对过的心跳
changes_waited_for | count | none | count | changes waited for | 等待的变更 | missed changes whose repair was judged | 判定过修复的漏收变更
missed_while_in_normal | count | none | count | changes missed in normal | 正常模式下漏收的变更 | changes that an instance in normal missed | 正常模式实例漏收的变更
losses_that_had_to_reach_one | count | none | count | losses that had to be reported | 必须上报的丢失 | losses of jobs that had to reach an instance | 必须通知到实例的任务丢失
losses_reported_after_a_load | count | none | count | losses reported after a load | 加载后上报的丢失 | losses of jobs that were reported after a full load | 全量加载后才上报的任务丢失
heartbeats_with_impossible_metrics | count | none | count | heartbeats with impossible metrics | 指标不可能的心跳 | heartbeats with a metric that cannot be | 带有不可能指标的心跳
late_reserves_of_finished_jobs | count | none | count | late reserves of finished jobs | 已完成任务的迟到预留 | reserves that arrived after their job had finished | 任务完成后才到达的预留
looked_for_in_answers | count | none | count | nodes looked for in answers | 在应答中查找的节点 | nodes that an answer had to contain | 应答必须包含的节点
requests_sent | count | none | count | requests sent | 发出的请求 | requests for missing nodes that were sent | 发出的缺失节点请求
requests_served | count | none | count | requests served | 处理的请求 | requests for missing nodes that Redis served | Redis 处理的缺失节点请求
repeated_within_miss_ttl | count | lower | count | repeats within a miss TTL | 缺失期内的重复请求 | repeated requests for a node that was known to be missing | 对已知缺失节点的重复请求
jobs_that_outlived_a_lease | count | none | count | jobs that outlived a lease | 超过首个租约的任务 | jobs whose lease heartbeats renewed | 由心跳续租的任务
jobs_answered_as_unknown | count | none | count | jobs answered as unknown | 回答为未知的任务 | named jobs without a place, compared with an answer | 心跳列出、没有名额并与回答比对的任务
leases_compared | count | none | count | leases compared | 比对的租约 | ends of leases that were compared | 比对过的租约终点
choices_among_equals | count | none | count | choices among equals | 同等候选中的选择 | choices among candidates of equal rank | 同级候选中的选择
choices_among_pools | count | none | count | choices among pools | 跨池选择 | choices among nodes of several pools | 多个资源池节点间的选择
choices_of_two | count | none | count | choices of two | 二选一 | choices of the better of two drawn nodes | 两个抽取节点中取优的选择
choices_held_against_shares | count | none | count | choices held against shares | 按份额核对的选择 | choices that were compared with each node's share | 与各节点份额比对过的选择
deadlines_compared | count | none | count | deadlines compared | 比对的期限 | deadlines of nodes that were compared with the settings | 与设置比对过的节点期限
lifetimes_compared | count | none | count | lifetimes compared | 比对的存活时间 | lifetimes of nodes that were compared with the settings | 与设置比对过的节点存活时间
configurations_taken_over | count | none | count | configurations taken over | 生效的配置 | configurations that an instance put in force | 实例启用的配置
calls_in_flight_max | count | lower | worst | calls in flight | 并发调用 | the most calls of clients in flight at once | 同时进行的最多客户端调用
delivered_twice_by_the_network | count | none | count | requests delivered twice | 网络重复送达 | requests that the network delivered twice | 网络送达两次的请求
lock_commands_sent | count | lower | count | lock commands sent | 锁命令 | lock-like commands among the commands of a loaded run | 负载运行中出现的锁类命令
locks_in_code | count | lower | count | locks in the code | 代码中的锁 | locks that the search of the sources found | 源码搜索找到的锁
commands_watched | count | none | count | commands watched | 监视的命令 | commands to Redis that were watched | 监视过的 Redis 命令
files_searched | count | none | count | files searched | 搜索的文件 | source files that were searched for locks | 搜索过锁的源文件
functions_on_the_way_of_a_selection | count | none | count | functions on the way of a selection | 选择路径上的函数 | functions that a selection may call | 选择可能调用的函数
called_at_a_limit | count | none | count | calls at a limit | 处于极限的调用 | calls with an argument at its documented limit | 参数处于文档极限的调用
refused_calls | count | none | count | calls refused | 被拒的调用 | calls with an argument past its limit, refused before anything was sent | 参数越限并在发送前被拒的调用
line_coverage_percent | percent | higher | share | line coverage | 行覆盖率 | the share of lines that the tests run | 测试执行到的代码行占比
`;

/** Counterexamples of a claim: none is allowed. */
export const claimedFigures = `
wrong_current_jobs | count | lower | count | wrong counts of jobs | 错误的任务计数 | steps after which current jobs differed from the live reservations | 当前任务数与有效预留不符的步骤
reservations_past_capacity | count | lower | count | reservations past capacity | 超容量的预留 | reservations that took a node past its capacity | 使节点超出容量的预留
job_operations_applied_twice | count | lower | count | job operations applied twice | 重复生效的任务操作 | repeated job operations that had a second effect | 重复后再次生效的任务操作
places_leaked | count | lower | count | places leaked | 泄漏的占用 | places that stayed taken without a job | 没有任务却仍被占用的名额
leases_not_as_granted | count | lower | count | leases not as granted | 与授予不符的租约 | leases that ended earlier or later than granted | 早于或晚于授予时间结束的租约
versions_out_of_order | count | lower | count | versions out of order | 乱序的版本 | versions that did not grow by one within their epoch | 纪元内未逐一递增的版本
answers_the_store_never_held | count | lower | count | answers that the store never held | 存储中从未有过的应答 | answers of caches that the store never held | 存储从未有过的缓存应答
views_not_converged | count | lower | count | views not converged | 未收敛的视图 | views that differed from the store past the bound | 超过期限仍与存储不同的视图
gaps_not_repaired | count | lower | count | gaps not repaired | 未修复的缺口 | gaps in the feed that were not repaired in time | 未及时修复的变更流缺口
newer_states_overwritten | count | lower | count | newer states overwritten | 被覆盖的新状态 | newer states that an older heartbeat overwrote | 被旧心跳覆盖的新状态
nodes_selected_after_they_went | count | lower | count | gone nodes selected | 离线后被选中的节点 | nodes selected later than the staleness bound after they went | 离线超过陈旧界限后仍被选中的节点
nodes_not_visible | count | lower | count | nodes not visible | 未及时可见的节点 | registered nodes that were not visible in time | 注册后未及时可见的节点
nodes_wrongly_selected | count | lower | count | nodes wrongly selected | 误选的节点 | selected nodes that did not suit the request | 不符合请求却被选中的节点
nodes_left_out | count | lower | count | nodes left out | 遗漏的节点 | eligible nodes that an answer left out | 应答遗漏的合格节点
biased_choices | count | lower | count | biased choices | 有偏的选择 | choices that the documented chances rule out | 与文档所述概率不符的选择
configurations_not_in_force | count | lower | count | configurations not in force | 未生效的配置 | stored configurations that were not in force in time | 未及时生效的已存配置
scores_not_as_documented | count | lower | count | scores not as documented | 与文档不符的评分 | health scores that differ from the documented function | 与文档函数不同的健康评分
acknowledged_writes_lost | count | lower | count | acknowledged writes lost | 丢失的已确认写入 | acknowledged writes that the scheduler lost | 调度器丢失的已确认写入
modes_not_as_documented | count | lower | count | modes not as documented | 与文档不符的模式 | answers and returns that differ from the documented modes | 与文档模式不符的应答或恢复
writes_not_refused_truly | count | lower | count | writes not refused truly | 未如实拒绝的写入 | refused writes that happened after all | 声称未生效却已生效的写入
calls_not_linearizable | count | lower | count | calls not linearizable | 不可线性化的调用 | calls that no order explains | 任何顺序都无法解释的调用
changes_out_of_order | count | lower | count | changes out of order | 乱序的变更 | changes delivered twice, out of order or not at all | 重复、乱序或未送达的变更
keys_outside_the_declared_slot | count | lower | count | keys outside the declared slot | 声明槽位之外的键 | keys that a script touched without declaring them | 脚本未声明却访问的键
scripts_applied_twice | count | lower | count | scripts applied twice | 重复生效的脚本 | scripts whose second run changed something | 第二次运行仍改变数据的脚本
scripts_apart_from_the_protocol | count | lower | count | scripts apart from the protocol | 与协议不符的脚本 | answers or changes of scripts that the protocol does not allow | 协议不允许的脚本应答或变更
operations_past_their_deadline | count | lower | count | operations past their deadline | 超过期限的操作 | Redis operations that did not end by their deadline | 未在期限内结束的 Redis 操作
bounds_exceeded | count | lower | count | bounds exceeded | 超出的界限 | bounds on calls, memory or time that were exceeded | 超出的调用、内存或时间界限
counters_apart_from_what_happened | count | lower | count | wrong counters | 与事实不符的计数器 | counters that differ from what happened | 与实际发生不同的计数器
closes_that_left_something | count | lower | count | closes that left something | 有残留的关闭 | closes that left a timer, a call or a connection | 关闭后残留定时器、调用或连接
locks_found | count | lower | count | locks found | 找到的锁 | locks in the code or among the commands | 代码或命令中的锁
counterexamples | count | lower | count | counterexamples | 反例 | cases in which the claim failed | 论断不成立的情形
`;
