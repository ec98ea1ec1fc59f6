/** `lockproof/simulate`: what a scheduler that is run with `simulate --scheduler` is given, and what it has to be. Types only. */
import type { Observer, Scheduler } from "../../scheduler/api.ts";
import type { Ports } from "../../scheduler/ports.ts";
import type { Settings } from "../../scheduler/settings.ts";

export type { ConfigContent, StoredConfig } from "../../protocol/configuration.ts";
export type { FeedChange, FeedEntry, KeptLoss } from "../../protocol/feed.ts";
export type { LanguagePair, Membership, Metrics, NodeState, NodeStatus } from "../../protocol/node.ts";
export type * from "../../protocol/replies.ts";
export type * from "../../protocol/requests.ts";
export type { Instant, Millis } from "../../protocol/time.ts";
export type { PartitionTag, Succession, Version } from "../../protocol/version.ts";
export type { Observer, OrphansCallback, Scheduler, StartOptions, Status } from "../../scheduler/api.ts";
export type { CallOptions } from "../../scheduler/calls/calls.ts";
export type { SchedulerEvent } from "../../scheduler/events.ts";
export type { Mode } from "../../scheduler/mode/mode.ts";
export type { Clock, Feed, FeedListener, Ports, Random, Store } from "../../scheduler/ports.ts";
export type { NodeAnswer } from "../../scheduler/reading/reads.ts";
export type { Dispatched, DispatchOptions, DispatchRequest } from "../../scheduler/selection/dispatch.ts";
export type { Selection, SelectionRequest } from "../../scheduler/selection/select.ts";
export type { Settings } from "../../scheduler/settings.ts";
export type { HeartbeatRequest, RegisterRequest, ReserveOptions } from "../../scheduler/writing/writes.ts";

/**
 * The module's export `createScheduler`. Time, chance and the store come in through the ports alone: a run that uses others is broken.
 * @param settings what the scenario sets, and the number of partitions; the rest has the defaults of docs/settings.md
 * @param observe takes events of the scheduler, which judges compare with what clients and the store saw
 */
export type CreateScheduler = (ports: Ports, settings: Partial<Settings>, observe: Observer) => Scheduler;
