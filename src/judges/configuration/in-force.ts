/**
 * S4: the stored configuration is in force at every instance: within the bound while nothing is done to it, and once faults have healed and writes have
 * stopped. What was never stored is never in force.
 */
import { isDeepStrictEqual } from "node:util";
import { type Millis, type Version, versionText } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import type { Called, ConfigurationSeen, ConfigurationStored, ConfigurationTaken, JudgeEvent } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";

export function judgeConfiguration(theCase: Case): Judge {
  return new InForce(theCase);
}

/** The configuration that an instance reports to have in force, and the one that it has yet to take over. */
interface Follower {
  taken: Version | null;
  /** A configuration that it has not taken over yet. */
  awaited: ConfigurationStored | null;
}

class InForce implements Judge {
  readonly property = "S4";
  readonly hears = [
    ...(["phase", "configuration", "configuration_taken", "configuration_stored", "called", "instance"] as const),
  ] as const;
  readonly #case: Case;
  readonly #findings = new Findings("S4");
  readonly #followers: readonly Follower[];
  #isQuiet = false;
  #compared = 0;
  /** The longest delay, and the number taken over, of configurations while nothing was done to the instance. */
  #latest: Millis = 0;
  #followed = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
    this.#followers = Array.from({ length: theCase.instances }, () => ({ taken: null, awaited: null }));
  }

  on(event: JudgeEvent): void {
    switch (event.kind) {
      case "phase":
        if (event.name === "quiet") this.#isQuiet = true;
        break;
      case "configuration":
        this.#compare(event);
        break;
      case "configuration_taken":
        this.#took(event);
        break;
      case "configuration_stored":
        for (const follower of this.#followers) follower.awaited = event;
        break;
      case "called":
        this.#called(event);
        break;
      case "instance":
        if (event.state === "started" || event.state === "crashed") this.#reborn(event.instance);
        break;
      default:
        break;
    }
  }

  finish(): Judgement {
    return this.#findings.conclude({
      exercised: this.#compared,
      measures: [
        { name: "configurations_taken_over", value: this.#followed },
        { name: "configuration_taken_over_ms_max", value: this.#latest, threshold: this.#case.bounds.staleness },
      ],
    });
  }

  #reborn(instance: number): void {
    const follower = this.#followers[instance];
    if (follower === undefined) return;
    follower.taken = null;
    follower.awaited = null;
  }

  #took({ at, instance, version }: ConfigurationTaken): void {
    const follower = this.#followers[instance];
    if (follower === undefined) return;
    follower.taken = version;
    if (version !== null && this.#case.truth.configuration(version) === undefined) {
      this.#findings.violate(() => [
        `instance ${instance} has configuration ${versionText(version)} in force, which was never stored, allowed only what is`,
        `taken over at ${inMs(at)}`,
      ]);
    }
    const { awaited } = follower;
    if (awaited === null || version === null || !isSame(awaited.version, version)) return;
    follower.awaited = null;
    if (!this.#isUndisturbed(instance, awaited.at)) return;
    this.#followed += 1;
    this.#late(instance, awaited, at);
  }

  /** A client calls the instance: whatever it answers, it has to have the configuration in force. */
  #called({ at, instance }: Called): void {
    const follower = this.#followers[instance];
    if (follower === undefined || follower.awaited === null) return;
    const { awaited } = follower;
    if (at - awaited.at <= this.#case.bounds.staleness) return;
    follower.awaited = null;
    if (this.#isUndisturbed(instance, awaited.at)) this.#late(instance, awaited, at);
  }

  /** Nothing was done to it since: it was there, in `normal`, and could reach the store. */
  #isUndisturbed(instance: number, since: Millis): boolean {
    const { scene, timing } = this.#case;
    const normalSince = scene.normalSince(instance);
    return (
      !scene.wasTroubled(instance, since) &&
      normalSince !== null &&
      normalSince <= since &&
      timing.presentSince(instance, since) <= since &&
      scene.reachableSince(instance, 0) <= since
    );
  }

  #late(instance: number, { at: since, version }: ConfigurationStored, at: Millis): void {
    const { bounds, timing } = this.#case;
    const took = timing.ran(instance, since, at);
    this.#latest = Math.max(this.#latest, took);
    if (took <= bounds.staleness) return;
    this.#findings.violate(() => [
      `instance ${instance} did not have configuration ${versionText(version)} in force for ${inMs(took)} after it had been stored, allowed ${inMs(bounds.staleness)}`,
      `stored at ${inMs(since)}, looked at ${inMs(at)}; nothing was done to the instance meanwhile`,
    ]);
  }

  #compare({ at, instance, shown, stored }: ConfigurationSeen): void {
    const taken = this.#followers[instance]?.taken ?? null;
    if (this.#case.areConfigurationsSeen && !isSameOrNone(taken, shown?.version ?? null)) {
      this.#findings.violate(() => [
        `instance ${instance} has ${textOf(shown)}, and said that it has ${taken === null ? "none" : versionText(taken)}, allowed only the same`,
        `looked at ${inMs(at)}`,
      ]);
    }
    if (!this.#isQuiet) return;
    if (stored !== null) this.#compared += 1;
    if (isDeepStrictEqual(shown, stored)) return;
    this.#findings.violate(() => [
      `instance ${instance} has ${textOf(shown)}, and the store has ${textOf(stored)}`,
      `looked at ${inMs(at)}, after everything had healed`,
    ]);
  }
}

function isSame(one: Version, other: Version): boolean {
  return one.epoch === other.epoch && one.sequence === other.sequence;
}

function isSameOrNone(one: Version | null, other: Version | null): boolean {
  return one === null || other === null ? one === other : isSame(one, other);
}

function textOf(configuration: ConfigurationSeen["shown"]): string {
  if (configuration === null) return "no configuration";
  const { version, ...content } = configuration;
  return `configuration ${versionText(version)}, ${JSON.stringify(content)}`;
}
