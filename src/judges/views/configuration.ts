/** S4: once faults have healed and writes have stopped, every instance has the configuration in force that is stored. */
import { isDeepStrictEqual } from "node:util";
import { versionText } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import type { ConfigurationSeen, JudgeEvent } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Judge } from "../judge.ts";

export function judgeConfiguration(): Judge {
  return new Configuration();
}

class Configuration implements Judge {
  readonly property = "S4";
  readonly hears = ["phase", "configuration"] as const;
  readonly #findings = new Findings("S4");
  #isQuiet = false;
  #compared = 0;

  on(event: JudgeEvent): void {
    if (event.kind === "phase" && event.name === "quiet") this.#isQuiet = true;
    else if (event.kind === "configuration" && this.#isQuiet) this.#compare(event);
  }

  finish(): Judgement {
    return this.#findings.conclude({ exercised: this.#compared });
  }

  #compare({ at, instance, shown, stored }: ConfigurationSeen): void {
    if (stored !== null) this.#compared += 1;
    if (isDeepStrictEqual(shown, stored)) return;
    this.#findings.violate(() => [
      `instance ${instance} has ${textOf(shown)}, and the store has ${textOf(stored)}`,
      `looked at ${inMs(at)}, after everything had healed`,
    ]);
  }
}

function textOf(configuration: ConfigurationSeen["shown"]): string {
  if (configuration === null) return "no configuration";
  const { version, ...content } = configuration;
  return `configuration ${versionText(version)}, ${JSON.stringify(content)}`;
}
