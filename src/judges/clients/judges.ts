/** The judges of a system with keys of its own: what is known of it comes from the calls of its clients alone. */
import type { Judgement } from "../../check/judgement.ts";
import type { PropertyId } from "../../check/properties.ts";
import type { Case, Judge, MakeJudge } from "../judge.ts";
import { judgeAgreement } from "./agreement.ts";
import { clientCalls, shownNodes } from "./shown/shown-nodes.ts";

interface Concluding {
  conclude(property: PropertyId): Judgement;
}

class ByClients implements Judge {
  readonly property: PropertyId;
  readonly hears = ["returned"] as const;
  readonly #part: Concluding;

  constructor(property: PropertyId, part: Concluding) {
    this.property = property;
    this.#part = part;
  }

  on(): void {
    // The part that all of them share has heard it before.
  }

  finish(): Judgement {
    return this.#part.conclude(this.property);
  }
}

const byCalls = (property: PropertyId): MakeJudge => {
  return (theCase: Case) => new ByClients(property, theCase.scene.part(clientCalls, theCase));
};

const byShown = (property: PropertyId): MakeJudge => {
  return (theCase: Case) => new ByClients(property, theCase.scene.part(shownNodes, theCase));
};

export const clientJudges: Partial<Readonly<Record<PropertyId, MakeJudge>>> = {
  J2: byCalls("J2"),
  J3: byCalls("J3"),
  J4: byCalls("J4"),
  J5: byCalls("J5"),
  N1: byCalls("N1"),
  N4: byCalls("N4"),
  D4: byCalls("D4"),
  D6: byCalls("D6"),
  V1: byShown("V1"),
  V2: byShown("V2"),
  V3: judgeAgreement,
  D5: byShown("D5"),
  S1: byShown("S1"),
  S2: byShown("S2"),
  S3: byShown("S3"),
  N2: byShown("N2"),
  N3: byShown("N3"),
};
