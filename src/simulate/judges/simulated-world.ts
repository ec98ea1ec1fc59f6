/** What the common judges are given of a simulated run besides its events: the store's past and time, both exact. */
import { type Call, type Millis, type Version, versionText } from "../../check/history.ts";
import type { Judgement } from "../../check/judgement.ts";
import type { ModeChanged } from "../../judges/event.ts";
import type { Case as JudgedCase } from "../../judges/judge.ts";
import type { Blame, Timing } from "../../judges/timing.ts";
import type { EpochLine, Standing, Truth } from "../../judges/truth.ts";
import type { StoredConfig } from "../../protocol/configuration.ts";
import { toPort, toStoredConfig } from "../servers/protocol-values.ts";
import type { Listener } from "../trace/bus.ts";
import type { SimEvent, Stepped } from "../trace/events.ts";
import { silence } from "../world/link.ts";
import { ticksInMs } from "../world/virtual-time.ts";
import type { Case } from "./case.ts";
import { Runs } from "./runs.ts";
import type { Scene } from "./scene.ts";

export class SimulatedTruth implements Truth, Listener {
  readonly hears = ["config_stepped", "stepped.but_polls", "server"] as const;
  readonly lag = 0;
  readonly #scene: Scene;
  /** Of the configuration. */
  readonly #stored = new Set<string>();
  readonly #configurations = new Map<string, StoredConfig>();
  readonly #runs = new Runs();
  /** How far the server's clock was ahead, and since when. */
  readonly #clock: { readonly since: Millis; readonly ahead: Millis }[] = [];
  /** When it was moved. */
  readonly #moved: Millis[] = [];

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  on(event: SimEvent): void {
    if (event.kind === "server" && event.what === "clock_moved") this.#moved.push(event.at);
    if (event.kind === "stepped") this.#stepped(event);
    if (event.kind !== "config_stepped") return;
    this.#runs.configStepped(event);
    const { config, meta } = event.after;
    if (config !== null && config !== event.before.config) {
      const stored = toStoredConfig(config);
      if (stored !== null) this.#configurations.set(versionText(stored.version), stored);
    }
    if (meta !== null && meta !== event.before.meta) this.#stored.add(versionText(toPort(meta)));
  }

  #stepped(event: Stepped): void {
    this.#runs.stepped(event);
    const { serverClock: ahead } = this.#scene;
    if (ahead !== this.#clock.at(-1)?.ahead) this.#clock.push({ since: event.at, ahead });
  }

  line(epoch: string): EpochLine | undefined {
    return this.#scene.truth.line(epoch);
  }

  of(partition: number): readonly EpochLine[] {
    return this.#scene.truth.of(partition);
  }

  standing({ epoch, sequence }: Version): Standing {
    const line = this.#scene.truth.line(epoch);
    const isOne = Number.isSafeInteger(sequence) && sequence >= 0;
    return isOne && line !== undefined && sequence <= line.last ? "held" : "never";
  }

  configured(version: Version): Standing {
    return this.#stored.has(versionText(version)) ? "held" : "never";
  }

  /** While an instance changes its server, any may have answered. */
  answering({ from, instance }: Pick<Call, "from" | "instance">, partition: number): readonly EpochLine[] {
    const { truth, whereabouts } = this.#scene;
    const all = truth.of(partition);
    if (whereabouts.movedAt(instance) >= from) return all;
    const server = whereabouts.serverOf(instance);
    const own = all.filter((line) => line.server === server);
    return own.length === 0 ? all : own;
  }

  configuration(version: Version): StoredConfig | undefined {
    return this.#configurations.get(versionText(version));
  }

  lived(instance: number, partition: number): readonly EpochLine[] {
    return this.#scene.lived(instance, partition);
  }

  mayHide(): boolean {
    return false;
  }

  run(call: Call & { readonly to: Millis }): Version | null {
    return this.#runs.behind(call);
  }

  clock(from: Millis, to: Millis): Millis | undefined {
    if (this.#moved.some((at) => at >= from && at <= to)) return undefined;
    return this.#clock.findLast(({ since }) => since <= to)?.ahead;
  }

  followedBy(instance: number, partition: number): EpochLine | undefined {
    return this.#scene.followedBy(instance, partition);
  }
}

/** To repair a gap: one after the other, each within its deadline, from the one that finds it to the view that has what was missed. */
const mostRequests = 4;

/** An instance that is neither dead nor stopped runs, so that all that is late is its own doing. */
class VirtualTiming implements Timing {
  /** Time is counted in ticks; what happens at once takes none. */
  readonly grain: Millis = 1 / ticksInMs + 1e-6;
  readonly watchedSince: Millis = Number.NEGATIVE_INFINITY;
  readonly openText = "late by no more than the instance was kept waiting";
  readonly rounding: Millis = 0.1;
  readonly atOnce: Millis = this.grain;
  readonly longestWait = null;
  readonly cutShort = null;
  readonly #scene: Scene;
  readonly #case: Pick<Case, "budget" | "processors" | "settings">;

  constructor(scene: Scene, theCase: Pick<Case, "budget" | "processors" | "settings">) {
    this.#scene = scene;
    this.#case = theCase;
  }

  /** Where computing is charged for: what reads and selections took of the processor until they answered or had to ask, and the longest step of all. */
  get measures(): Judgement["measures"] {
    const { budget, processors, settings } = this.#case;
    if (processors === undefined) return [];
    const { spent } = processors;
    const longest = Math.max(0, ...[...spent.values()].map((one) => one.longest));
    return [
      { name: "cpu_us_of_a_read_max", value: spent.get("getNode")?.longest ?? 0 },
      { name: "cpu_us_of_a_selection_max", value: spent.get("selectNodes")?.longest ?? 0 },
      { name: "cpu_us_of_a_step_max", value: longest, threshold: (budget - settings.readDeadline) * 1_000 },
    ];
  }

  ran(instance: number, from: Millis, to: Millis): Millis {
    return this.#scene.presence.ran(instance, from, to);
  }

  kept(): Millis {
    return 0;
  }

  wasAway(instance: number, from: Millis, to: Millis): boolean {
    return this.#scene.presence.wasDead(instance, from, to);
  }

  wasStopped(instance: number, from: Millis, to: Millis): boolean {
    return this.#scene.presence.stood(instance, from, to);
  }

  presentSince(instance: number): Millis {
    return this.#scene.presence.bornAt(instance);
  }

  /** One that is stopped runs for none of the time, so that the time counts for nothing. */
  firstPresent(_: number, since: Millis): Millis {
    return since;
  }

  blame(): Blame {
    return "instance";
  }

  blameForCall(): Blame {
    return "instance";
  }

  blameForSilence(): Blame {
    return "instance";
  }

  /** Under a fault that does not cut off, each answer that comes too late is one of the fault's own. */
  blameForDeparture({ instance }: ModeChanged): Blame {
    return this.#scene.isCutOff(instance) ? "instance" : "machine";
  }

  blameForAbsence(): Blame {
    return "instance";
  }

  blameForReturn(): Blame {
    return "instance";
  }

  blameWithServers(): Blame {
    return "instance";
  }

  isSlight(): boolean {
    return false;
  }

  waitText(): string {
    return "counting only while the instance ran";
  }
}

/** @param truth has to hear the run too */
export function simulatedCase(theCase: Case, scene: Scene, truth: SimulatedTruth): Omit<JudgedCase, "scene"> {
  const { budget, convergence, instances, partitions, plan, recovery, settings, staleness } = theCase;
  const { deadlineGrace, dispatchCandidates, readDeadline: readLimit, writeDeadline } = settings;
  const { doneFor, doneMax, heartbeatTtl, l1Ttl, lease, missTtl, retention, sweepInterval, ttlSpread } = settings;
  const { calmAfter, dwell, dwellMax, l2Ttl, localOnlyAfter, probeInterval, probesInARow } = settings;
  const modes = { calmAfter, dwell, dwellMax, l2Ttl, localOnlyAfter, probeInterval, probesInARow };
  const dispatch = {
    ...{ writeTimeout: writeDeadline, writeLimit: writeDeadline + deadlineGrace },
    dispatchWrites: 2 * dispatchCandidates,
  };
  const all = new Set(Array.from({ length: instances }, (_, instance) => instance));
  const repair = settings.pollInterval + settings.pulseInterval + mostRequests * settings.readDeadline;
  return {
    ...{ instances, partitions, truth, timing: new VirtualTiming(scene, theCase) },
    watched: all,
    reporting: all,
    arePlacesSeen: true,
    areConfigurationsSeen: true,
    areCallsSeen: theCase.processors === undefined,
    isViewSeen: () => true,
    bounds: { budget, convergence, recovery, staleness },
    terms: {
      doneFor,
      doneMax,
      heartbeatTtl,
      l1Ttl,
      lease,
      missTtl,
      retention,
      sweepInterval,
      ttlSpread,
      repair,
      modes: { ...modes, aftermath: silence + 100 },
      noticing: settings.pulseInterval + readLimit,
      ...dispatch,
      readLimit,
      maxCalls: settings.maxCalls,
      maxEntries: settings.maxEntries,
      following: settings.pollInterval + settings.pulseInterval + settings.readDeadline,
      feedMax: plan.scenario.topology.feedMax,
    },
    isControl: false,
  };
}
