/** Which configurations a search has met at each return; where it comes back to, they need not be gone into again. */
import { ConfigurationSet } from "./configuration.ts";
import type { SequentialObject } from "./operation.ts";

export interface Sighting<State> {
  /** Passed through on the way. */
  readonly reached: ConfigurationSet<State>;
  /** Left after the return. */
  readonly results: ConfigurationSet<State>;
}

export class Sightings<State> {
  readonly #object: Pick<SequentialObject<State, never, never>, "hash" | "covers">;
  readonly #byEvent = new Map<number, Sighting<State>>();
  readonly #passing: Sighting<State>;

  constructor(object: Pick<SequentialObject<State, never, never>, "hash" | "covers">) {
    this.#object = object;
    this.#passing = this.#none();
  }

  /** For a return that is not come back to; until the next one. */
  nothing(): Sighting<State> {
    this.#passing.reached.clear();
    this.#passing.results.clear();
    return this.#passing;
  }

  at(event: number): Sighting<State> {
    const known = this.#byEvent.get(event);
    if (known !== undefined) return known;
    const none = this.#none();
    this.#byEvent.set(event, none);
    return none;
  }

  #none(): Sighting<State> {
    return { reached: new ConfigurationSet(this.#object), results: new ConfigurationSet(this.#object) };
  }
}
