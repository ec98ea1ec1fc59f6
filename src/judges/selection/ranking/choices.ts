/** S3: candidates come by pool, each the better of two that were drawn; the order of equals is random, and no node takes more than its share. */
import type { Judgement } from "../../../check/judgement.ts";
import type { JudgeEvent } from "../../event.ts";
import { Findings } from "../../findings.ts";
import type { Case, Judge } from "../../judge.ts";
import { PairChoices } from "./pair-choices.ts";
import { RandomChoices } from "./random-choices.ts";
import { Ranking } from "./ranking.ts";
import { Shares } from "./shares.ts";

export function judgeChoices(theCase: Case): Judge {
  return new Choices(theCase);
}

class Choices implements Judge {
  readonly property = "S3";
  readonly hears = ["returned", "job_requested"] as const;
  readonly operations = ["select_nodes"] as const;
  readonly #findings = new Findings("S3");
  readonly #random = new RandomChoices();
  readonly #pairs = new PairChoices();
  readonly #shares = new Shares();
  readonly #ranking: Ranking;

  constructor(theCase: Case) {
    const tests = { shares: this.#shares, pairs: this.#pairs, random: this.#random };
    this.#ranking = new Ranking(theCase, this.#findings, tests);
  }

  on(event: JudgeEvent): void {
    this.#ranking.on(event);
  }

  finish(): Judgement {
    for (const tests of [this.#random, this.#pairs, this.#shares]) {
      for (const rejection of tests.rejections()) this.#findings.violate(() => rejection);
    }
    const measures = [
      { name: "choices_among_equals", value: this.#random.compared },
      { name: "choices_among_pools", value: this.#ranking.compared },
      { name: "choices_of_two", value: this.#pairs.compared },
      { name: "choices_held_against_shares", value: this.#shares.compared },
    ];
    return this.#findings.conclude({ exercised: measures.reduce((sum, { value }) => sum + value, 0), measures });
  }
}
