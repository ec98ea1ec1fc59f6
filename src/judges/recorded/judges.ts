/**
 * Which judge decides which property of a recorded run: one on real servers, or a stored history. Those that are not common to all runs yet are in
 * src/check; the others are those of src/judges/registry.ts.
 */

import { type Millis, ofKind } from "../../check/history.ts";
import type { Judgement, Trial } from "../../check/judgement.ts";
import { judgeLockFreedom } from "../../check/locks/watch.ts";
import { asFarAsSeen, nothingOf } from "../../check/observed/as-far-as-seen.ts";
import { type PropertyId, propertyIds } from "../../check/properties.ts";
import { clientJudges } from "../clients/judges.ts";
import { judges as common } from "../registry.ts";
import { hasOwnKeys } from "./own-keys.ts";
import { judgeRecorded } from "./run.ts";

type JudgeTrial = (trial: Trial) => Judgement;

const ofRecords: Partial<Readonly<Record<PropertyId, JudgeTrial>>> = {
  K4: judgeLockFreedom,
};

/** Properties that are not judged of a record, and why. */
const notJudgedOfRecords: Partial<Readonly<Record<PropertyId, string>>> = {
  K5: "a record does not show which caller a call to the store has",
  K6: "a record does not show what an instance leaves",
  K7: "no recorded run calls an instance at the limits of its arguments",
  M1: "a record does not show each event of an instance",
  K2: "a record does not show each run of a script",
  S4: "configurations have a feed of their own, which the observer does not follow",
  S5: "a record does not show the calls that a dispatch is made of",
};

interface Declared {
  readonly load: readonly { readonly kind: string; readonly holds: Millis }[];
  readonly settings: { readonly lease?: Millis | undefined };
}

const jobLoads: readonly string[] = ["dispatch", "dispatch_again", "reserve", "deliver_twice"];

/** Why no record of such a scenario decides the property; undefined: one does. */
export function whyNotJudged(property: PropertyId, { load, settings }: Declared): string | undefined {
  const { lease = Number.POSITIVE_INFINITY } = settings;
  const isShort = load.every(({ holds, kind }) => !jobLoads.includes(kind) || holds <= lease);
  if (property === "J5" && isShort) return "a record shows nothing of leases that no job outlives";
  return notJudgedOfRecords[property];
}

/** undefined: no judge of histories decides it. */
export function judgeOf(property: PropertyId): JudgeTrial | undefined {
  const make = notJudgedOfRecords[property] === undefined ? common[property] : undefined;
  return ofRecords[property] ?? (make && ((trial) => judgeRecorded(make, trial)));
}

/** Those that a judge of histories decides. */
export const decidedProperties: readonly PropertyId[] = propertyIds.filter((id) => judgeOf(id) !== undefined);

/** A property that no judge knows is not exercised: it is named, never passed over. */
export function judge(property: PropertyId, trial: Trial, chosen: typeof judgeOf = judgeOf): Judgement {
  const hidden = whyHidden(property, trial);
  if (hidden !== null) return { ...nothingOf(property), reason: hidden };
  if (hasOwnKeys(trial)) return judgeByClients(property, trial);
  const judged = chosen(property)?.(trial);
  if (judged !== undefined) return asFarAsSeen(judged, trial);
  const reason = notJudgedOfRecords[property] ?? "no judge of histories decides it";
  return { ...nothingOf(property), reason };
}

/** Judged by what answers say themselves, and when they came. */
const byAnswers: ReadonlySet<PropertyId> = new Set<PropertyId>(["D1", "D2", "D3", "B2"]);

/** No fault and no load excuses a violation of these: a run that does not ask for them is violated by one all the same. */
const everywhere: readonly PropertyId[] = [
  ...(["J1", "J2", "J3", "J5", "V1", "V2", "N1", "S1", "S2", "S3"] as const),
  ...(["H1", "D5", "D6", "L1", "F1"] as const),
];

/** Properties whose violation counts in every scenario. Of a system with keys of its own, all that the calls of its clients decide. */
export function propertiesOfEveryRun(trial: Trial): readonly PropertyId[] {
  return hasOwnKeys(trial) ? propertyIds.filter((id) => clientJudges[id] !== undefined) : everywhere;
}

/** Judges a system with keys of its own: nothing is known of it but what its clients saw. */
function judgeByClients(property: PropertyId, trial: Trial): Judgement {
  const make = clientJudges[property] ?? (byAnswers.has(property) ? common[property] : undefined);
  if (make !== undefined) return asFarAsSeen(judgeRecorded(make, trial), trial, false);
  const reason = "the system keeps keys of its own, and its clients do not see enough to decide it";
  return { ...nothingOf(property), reason };
}

/** Says why a property is not judged of instances in processes of their own: it cannot be seen from outside, or the system does not claim it. */
function whyHidden(property: PropertyId, { history }: Trial): string | null {
  for (const { claims, name, withheld } of ofKind(history, "system")) {
    const reason = withheld[property];
    if (reason !== undefined) return reason;
    if (!claims.includes(property)) return `${name} does not claim it`;
  }
  return null;
}
