/**
 * D2: degradation is in force within the budget of the fault. A setting under which an instance asks too seldom to notice in time is no premise:
 * there it is held to what the settings promise instead, and that counts for nothing.
 */
import { conclude, inMs, type Judgement } from "../../check/judgement.ts";
import { properties } from "../../check/properties.ts";
import type { Millis } from "../../scheduler/ports.ts";
import type { FaultDone, SimEvent } from "../trace/events.ts";
import { type Case, type OnlineJudge, Stories } from "./judge.ts";
import type { Scene } from "./scene.ts";

/** A fault that cuts off an instance which was in `normal` when it began. */
interface Cut {
  readonly fault: number;
  readonly name: string;
  readonly at: Millis;
}

export function judgeDegradation(theCase: Case, scene: Scene): OnlineJudge {
  return new Degradation(theCase, scene);
}

class Degradation implements OnlineJudge {
  readonly property = "D2";
  readonly hears = ["fault", "link", "instance", "scheduler.mode_changed"] as const;
  readonly #scene: Scene;
  readonly #stories = new Stories();
  readonly #budget: Millis;
  /** What the settings promise: a question at least so often, and its deadline. */
  readonly #promised: Millis;
  /** By instance. */
  readonly #cuts: (Cut | null)[];
  readonly #isConnected: boolean[];
  #met = 0;
  #slowest: Millis = 0;

  constructor({ budget, instances, settings }: Case, scene: Scene) {
    this.#scene = scene;
    this.#budget = budget;
    this.#promised = settings.pulseInterval + settings.readDeadline;
    this.#cuts = Array.from({ length: instances }, () => null);
    this.#isConnected = Array.from({ length: instances }, () => true);
  }

  on(event: SimEvent): void {
    switch (event.kind) {
      case "fault":
        if (event.cutsOff) this.#fault(event);
        break;
      case "link":
        if (event.link === "commands") this.#isConnected[event.instance] = event.state === "up";
        break;
      case "instance":
        if (event.state === "crashed") this.#end(event.instance, event.at, "until it crashed");
        break;
      case "scheduler":
        if (event.what.kind === "mode_changed" && event.what.from === "normal") {
          this.#end(event.instance, event.at, "degraded");
        }
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    const { premise } = properties.D2;
    const measures =
      this.#met === 0 ? [] : [{ name: "time_to_degradation_ms_max", value: this.#slowest, threshold: this.#budget }];
    const reason = `pulse and deadline, ${inMs(this.#promised)} together, are above ${inMs(this.#budget)}`;
    const isPromised = this.#promised <= this.#budget;
    return conclude({
      property: "D2",
      premise: isPromised ? premise : `${premise}; ${reason}`,
      exercised: this.#met,
      violations: this.#stories.all,
      measures,
    });
  }

  #fault({ at, fault, instance, name, step }: FaultDone): void {
    for (const [index, cut] of this.#cuts.entries()) {
      if (instance !== null && instance !== index) continue;
      if (step === "heal") {
        if (cut?.fault === fault) this.#end(index, at, "still normal when it healed");
      } else if (cut === null && this.#isCutOff(index)) {
        this.#cuts[index] = { fault, name, at };
      }
    }
  }

  #isCutOff(instance: number): boolean {
    const isNormal = this.#scene.mode(instance) === "normal" && this.#scene.presence.isAlive(instance);
    // What happens to a connection that is not there any more happens to nobody.
    return isNormal && this.#isConnected[instance] === true;
  }

  #end(instance: number, at: Millis, how: string): void {
    const cut = this.#cuts[instance] ?? null;
    if (cut === null) return;
    this.#cuts[instance] = null;
    const took = this.#scene.presence.ran(instance, cut.at, at);
    const isPromised = this.#promised <= this.#budget;
    const allowed = Math.max(this.#budget, this.#promised);
    if (how !== "degraded" && took <= allowed) return;
    if (isPromised) {
      this.#met += 1;
      this.#slowest = Math.max(this.#slowest, took);
    }
    if (took <= allowed) return;
    const found = how === "degraded" ? `degraded ${inMs(took)} after the fault` : `was ${how}, after ${inMs(took)}`;
    this.#stories.add(() => [
      `instance ${instance} ${found}, allowed ${inMs(allowed)}`,
      `${cut.name} (fault ${cut.fault}) in force from ${inMs(cut.at)}, counting only while the instance ran`,
    ]);
  }
}
