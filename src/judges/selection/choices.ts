/** S3: candidates are ranked by pool and health as documented, and a choice among equals is random. */
import type { Judgement } from "../../check/judgement.ts";
import type { JudgeEvent } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import { RandomChoices } from "./random-choices.ts";
import { Ranking } from "./ranking.ts";

export function judgeChoices(theCase: Case): Judge {
  return new Choices(theCase);
}

class Choices implements Judge {
  readonly property = "S3";
  readonly hears = ["returned", "job_requested"] as const;
  readonly operations = ["select_nodes"] as const;
  readonly #findings = new Findings("S3");
  readonly #ranking: Ranking;
  readonly #random = new RandomChoices();

  constructor(theCase: Case) {
    this.#ranking = new Ranking(theCase, this.#findings);
  }

  on(event: JudgeEvent): void {
    this.#ranking.on(event);
    if (event.kind === "returned") this.#random.chosen(event.call, this.#ranking.ranksOf(event.call));
  }

  finish(): Judgement {
    for (const rejection of this.#random.rejections()) this.#findings.violate(() => rejection);
    const { compared: ranked } = this.#ranking;
    const { compared: amongEquals } = this.#random;
    return this.#findings.conclude({
      exercised: amongEquals + ranked,
      measures: [
        { name: "choices_among_equals", value: amongEquals },
        { name: "choices_among_ranks", value: ranked },
      ],
    });
  }
}
