/** The judge context of a simulated run besides its events: the exact contents of the store, and the facts known before the run begins. */
import { type Call, type Millis, type Version, versionText } from "../../check/history.ts";
import type { Case as JudgedCase } from "../../judges/judge.ts";
import type { Standing, Truth } from "../../judges/truth.ts";
import type { StoredConfig } from "../../protocol/configuration.ts";
import { toPort, toStoredConfig } from "../servers/protocol-values.ts";
import type { Listener } from "../trace/bus.ts";
import type { ConfigStepped, FaultDone, Said, SimEvent, Stepped } from "../trace/events.ts";
import { silence } from "../world/link.ts";
import type { Case } from "./case.ts";
import { Routing } from "./routing.ts";
import { Runs } from "./runs.ts";
import { type EpochLine, EpochLines } from "./truth.ts";

export class SimulatedTruth implements Truth, Listener {
  readonly hears = [
    ...(["stepped", "config_stepped", "server", "fault", "instance"] as const),
    ...(["scheduler.view_advanced", "scheduler.resynced"] as const),
  ] as const;
  readonly lag = 0;
  readonly #epochs: EpochLines;
  readonly #routing: Routing;
  readonly #faults: Case["plan"]["faults"];
  /** By instance, then by partition: the epochs that it has followed in this life, each once, in the order in which it took them up. */
  readonly #lived: readonly (readonly EpochLine[][])[];
  #begun: EpochLine | null = null;
  #serverClock = Number.NaN;
  /** Faults in force under which the store does not say what has changed, though it answers: the feed's own keys are not what they should be. */
  #unreadable = 0;
  #readableSince: Millis = Number.NEGATIVE_INFINITY;
  /** The versions of the configuration that were stored. */
  readonly #stored = new Set<string>();
  readonly #configurations = new Map<string, StoredConfig>();
  readonly #runs = new Runs();
  /** How far the server's clock was ahead, and since when. */
  readonly #clock: { readonly since: Millis; readonly ahead: Millis }[] = [];
  /** When it was moved. */
  readonly #moved: Millis[] = [];

  constructor({ instances, partitions, plan }: Pick<Case, "instances" | "partitions" | "plan">) {
    this.#faults = plan.faults;
    this.#epochs = new EpochLines(partitions);
    this.#routing = new Routing(plan.faults, instances);
    this.#lived = Array.from({ length: instances }, () => Array.from({ length: partitions }, () => []));
  }

  on(event: SimEvent): void {
    switch (event.kind) {
      case "stepped":
        this.#stepped(event);
        break;
      case "config_stepped":
        this.#configStepped(event);
        break;
      case "server":
        this.#routing.on(event);
        if (event.what === "clock_moved") this.#moved.push(event.at);
        break;
      case "fault":
        this.#routing.on(event);
        this.#fault(event);
        break;
      case "instance":
        if (event.state === "started" || event.state === "crashed")
          for (const lines of this.#lived[event.instance] ?? []) lines.length = 0;
        break;
      case "scheduler":
        this.#said(event);
        break;
      default:
        break;
    }
  }

  /** The epoch that has begun with the step that is heard now; null: none has. */
  get begun(): EpochLine | null {
    return this.#begun;
  }

  /** The server's clock less the run's, as it was when a script last ran. */
  get serverClock(): Millis {
    return this.#serverClock;
  }

  /** Since when the store has answered what has changed; infinity: it does not, and then no instance can follow. */
  get readableSince(): Millis {
    return this.#unreadable > 0 ? Number.POSITIVE_INFINITY : this.#readableSince;
  }

  /** The epoch that a server is in; undefined: it has not been asked yet. */
  current(server: number, partition: number): EpochLine | undefined {
    return this.#epochs.current(server, partition);
  }

  /** Since when an instance has gone to its server. */
  movedAt(instance: number): Millis {
    return this.#routing.movedAt(instance);
  }

  line(epoch: string): EpochLine | undefined {
    return this.#epochs.line(epoch);
  }

  of(partition: number): readonly EpochLine[] {
    return this.#epochs.of(partition);
  }

  standing({ epoch, sequence }: Version): Standing {
    const line = this.#epochs.line(epoch);
    const isOne = Number.isSafeInteger(sequence) && sequence >= 0;
    return isOne && line !== undefined && sequence <= line.last ? "held" : "never";
  }

  configured(version: Version): Standing {
    return this.#stored.has(versionText(version)) ? "held" : "never";
  }

  /** While an instance changes its server, any may have answered. */
  answering({ from, instance }: Pick<Call, "from" | "instance">, partition: number): readonly EpochLine[] {
    const all = this.#epochs.of(partition);
    if (this.#routing.movedAt(instance) >= from) return all;
    const server = this.#routing.serverOf(instance);
    const own = all.filter((line) => line.server === server);
    return own.length === 0 ? all : own;
  }

  configuration(version: Version): StoredConfig | undefined {
    return this.#configurations.get(versionText(version));
  }

  lived(instance: number, partition: number): readonly EpochLine[] {
    return this.#lived[instance]?.[partition] ?? [];
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

  /** The epoch of the server that it goes to. */
  followedBy(instance: number, partition: number): EpochLine | undefined {
    const server = this.#routing.serverOf(instance);
    return server === null ? undefined : this.#epochs.current(server, partition);
  }

  #stepped(event: Stepped): void {
    this.#routing.on(event);
    this.#begun = this.#epochs.on(event);
    this.#runs.stepped(event);
    const ahead = event.command.at - Math.floor(event.at);
    if (ahead !== this.#serverClock) this.#clock.push({ since: event.at, ahead });
    this.#serverClock = ahead;
  }

  #configStepped(event: ConfigStepped): void {
    this.#runs.configStepped(event);
    const { config, meta } = event.after;
    if (config !== null && config !== event.before.config) {
      const stored = toStoredConfig(config);
      if (stored !== null) this.#configurations.set(versionText(stored.version), stored);
    }
    if (meta !== null && meta !== event.before.meta) this.#stored.add(versionText(toPort(meta)));
  }

  #fault({ at, fault, step }: FaultDone): void {
    const done = this.#faults[fault];
    if (done?.kind !== "wrong_type" || done.key === "expiry") return;
    this.#unreadable += step === "inject" ? 1 : -1;
    this.#readableSince = at;
  }

  #said({ instance, what }: Said): void {
    if (what.kind !== "view_advanced" && what.kind !== "resynced") return;
    const lived = this.#lived[instance]?.[what.partition];
    const line = this.#epochs.line(what.version.epoch);
    if (lived !== undefined && line !== undefined && !lived.includes(line)) lived.push(line);
  }
}

/** To repair a gap: one after the other, each within its deadline, from the one that finds it to the view that has what was missed. */
const mostRequests = 4;

/** @param world what has to hear the run too, before the judges do */
export function simulatedCase(theCase: Case, world: Pick<JudgedCase, "timing" | "truth">): Omit<JudgedCase, "scene"> {
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
    ...{ instances, partitions, ...world },
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
