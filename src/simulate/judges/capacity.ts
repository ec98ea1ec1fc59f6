/**
 * J2: a reserve never takes a node past its capacity; and no instance selects a node that has no room as far as it can know itself: by its view, and by
 * the places that it has asked for there and its view does not show yet. The store would refuse what is too much, at the price of a call.
 */
import { type Call, type NodeContent, versionText } from "../../check/history.ts";
import { conclude, inMs, type Judgement } from "../../check/judgement.ts";
import { properties } from "../../check/properties.ts";
import type { SimEvent, Stepped } from "../trace/events.ts";
import { type Case, type OnlineJudge, Stories } from "./judge.ts";
import type { Scene } from "./scene.ts";

export function judgeCapacity(_: Case, { places }: Scene): OnlineJudge {
  return new Capacity(places);
}

class Capacity implements OnlineJudge {
  readonly property = "J2";
  readonly hears = ["returned", "stepped.but_polls"] as const;
  readonly #places: Scene["places"];
  readonly #stories = new Stories();
  #refused = 0;
  /** Nodes that were selected while places of the instance's own were under way there. */
  #narrow = 0;

  constructor(places: Scene["places"]) {
    this.#places = places;
  }

  on(event: SimEvent): void {
    if (event.kind === "stepped") this.#step(event);
    else if (event.kind === "returned") for (const node of event.call.selected ?? []) this.#selected(event.call, node);
  }

  finish(): Judgement {
    const { premise } = properties.J2;
    const measures = [{ name: "selected_beside_own_places", value: this.#narrow }];
    return conclude({ property: "J2", premise, exercised: this.#refused, violations: this.#stories.all, measures });
  }

  #step(event: Stepped): void {
    if (event.command.kind === "reserve_job") this.#met(event, event.command);
    for (const change of event.changes) {
      if (change.kind === "reserved" || change.kind === "registered") this.#look(event, change.node);
    }
  }

  /** A reserve that needs a place: where there was none it met a full node, whatever it was answered. */
  #met(
    { at, before, reply, request }: Stepped,
    { job, node }: Extract<Stepped["command"], { kind: "reserve_job" }>,
  ): void {
    const jobs = before.jobs.get(node);
    const room = (before.nodes.get(node)?.maxJobs ?? 0) - (jobs?.size ?? 0);
    const isFull = room <= 0 && before.nodes.get(node)?.status === "online" && jobs?.has(job) !== true;
    if (isFull) this.#refused += 1;
    if (isFull || reply.kind !== "full") return;
    this.#stories.add(() => [
      `reserve_job ${job} was answered full on node ${node}, which had room for ${room}, allowed only where there is none`,
      `request ${request} at ${inMs(at)}`,
    ]);
  }

  #look({ after, at, command, instance, request }: Stepped, node: string): void {
    const record = after.nodes.get(node);
    const held = Math.max(record?.currentJobs ?? 0, after.jobs.get(node)?.size ?? 0);
    if (record === undefined || held <= record.maxJobs) return;
    const job = "job" in command ? `${command.job} ` : "";
    this.#stories.add(() => [
      `node ${node} holds ${held} jobs, allowed max_jobs ${record.maxJobs}`,
      `${command.kind} ${job}of instance ${instance} (request ${request}) at ${inMs(at)}`,
    ]);
  }

  #selected({ from, instance }: Call, { current_jobs, max_jobs, node, version }: NodeContent): void {
    const own = this.#places.of(instance, node, from);
    if (own > 0) this.#narrow += 1;
    if (current_jobs + own < max_jobs) return;
    this.#stories.add(() => [
      `instance ${instance} selected node ${node}, which had no room as far as it knew: ${current_jobs} jobs and ${own} places of its own under way, allowed below max_jobs ${max_jobs}`,
      `at ${inMs(from)}, node version ${versionText(version)}`,
    ]);
  }
}
