/**
 * Of D4: a heartbeat that named a job and was acknowledged has renewed its lease. So the job keeps its place for as long as it was promised, by
 * the server's clock; who forgets to pass the name on has lost an acknowledged write.
 *
 * What was promised in an epoch is held against that epoch: what another server does not know of it is lost by Redis, and named.
 */
import { type Call, type Version, versionText } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import type { Millis } from "../../scheduler/ports.ts";
import { toPort } from "../servers/protocol-values.ts";
import type { ServerChanged, Stepped } from "../trace/events.ts";
import { pairKey } from "./job-key.ts";
import type { Stories } from "./judge.ts";
import type { Scene } from "./scene.ts";

/** That a job keeps its place until then, by the server's clock. */
interface Promised {
  readonly call: Call;
  readonly version: Version;
  readonly node: string;
  readonly job: string;
  readonly until: Millis;
}

export class Renewals {
  readonly #scene: Pick<Scene, "serverClock" | "truth">;
  readonly #lease: Millis;
  /** Since when the server's clock goes as it does. */
  #clockSince: Millis = Number.NEGATIVE_INFINITY;
  readonly #promised: Promised[] = [];
  /** Server, node and job -> when it got its place. */
  readonly #since = new Map<string, Millis>();
  readonly #outlived = new Set<string>();
  /** Epoch and sequence of each change that took places away -> when, by the server's clock. */
  readonly #lapses = new Map<string, Millis>();

  /** @param lease of every reservation and every renewal */
  constructor(scene: Pick<Scene, "serverClock" | "truth">, lease: Millis) {
    this.#scene = scene;
    this.#lease = lease;
  }

  /** Jobs that had their places for longer than the lease with which they got them. */
  get outlived(): number {
    return this.#outlived.size;
  }

  on(event: ServerChanged | Stepped): void {
    if (event.kind === "server") {
      if (event.what === "clock_moved") this.#clockSince = event.at;
      return;
    }
    const { after, at, changes, command, server } = event;
    if (after.meta === null) return;
    const { epoch, sequence } = toPort(after.meta);
    for (const [index, change] of changes.entries()) {
      if (change.kind === "reserved") this.#since.set(`${server} ${pairKey(change.node, change.job)}`, at);
      if (change.kind !== "lapsed") continue;
      const told = sequence - changes.length + 1 + index;
      this.#lapses.set(versionText({ epoch, sequence: told }), command.at);
    }
  }

  /** A heartbeat has been answered. */
  renewed(call: Call): void {
    const { from, node = "", running = [], version } = call;
    if (running.length === 0 || version === undefined) return;
    // By which of two clocks it ran is not known.
    if (from <= this.#clockSince) return;
    const line = this.#scene.truth.line(version.epoch);
    if (line === undefined) return; // V1 tells of it
    const until = Math.floor(from) + this.#scene.serverClock + this.#lease;
    for (const job of running) {
      // What had lapsed, or ended, by then was answered as unknown.
      if (!line.holds(node, job, version.sequence)) continue;
      this.#promised.push({ call, version, node, job, until });
      const key = `${line.server} ${pairKey(node, job)}`;
      const since = this.#since.get(key);
      if (since !== undefined && from > since + this.#lease) this.#outlived.add(`${key} ${since}`);
    }
  }

  tell(stories: Stories): void {
    for (const promised of this.#promised) this.#judge(promised, stories);
  }

  #judge({ call, job, node, until, version }: Promised, stories: Stories): void {
    const { epoch } = version;
    const line = this.#scene.truth.line(epoch);
    for (let told = line?.next(node, version.sequence); told !== undefined; told = line?.next(node, told.sequence)) {
      const { at, change, sequence } = told;
      if (change.kind === "health") continue;
      if (change.kind === "lapsed" && change.jobs.includes(job)) {
        const lapsedAt = this.#lapses.get(versionText({ epoch, sequence })) ?? Number.POSITIVE_INFINITY;
        if (lapsedAt >= until) return;
        stories.add(() => [
          `job ${job} lost its place on node ${node} ${inMs(until - lapsedAt)} before the lease ended that an acknowledged heartbeat had renewed, allowed is none before`,
          `heartbeat ${call.seq ?? 0} named it, by instance ${call.instance} at ${inMs(call.from)}, answered renewed at ${versionText(version)}; lapsed at sequence ${sequence}, ${inMs(at)}`,
        ]);
        return;
      }
      if (change.kind === "lapsed") continue;
      // It has ended, or its node has: what comes after is another reservation.
      if (!("job" in change) || change.job === job) return;
    }
  }
}
