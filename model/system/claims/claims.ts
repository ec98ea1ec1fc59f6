/** The claims about the `system` model: the properties of the registry in their model form, and the witnesses that their premises are met. */
import type { NotJudged, Property } from "../../language/machine.ts";
import { livenessClaims } from "./liveness.ts";
import type { ClaimParts } from "./parts.ts";
import { lossClaims, reservationClaims, versionClaims, viewClaims } from "./safety.ts";

export interface Claims {
  readonly judged: readonly Property[];
  readonly notJudged: readonly NotJudged[];
}

/** Claims with a premise that not every scope can meet. */
interface ConditionalClaims {
  readonly isWithinScope: boolean;
  /** The reason why the scope cannot meet the premise otherwise. */
  readonly reason: string;
  readonly properties: readonly Property[];
}

/** A scope that cannot meet the premise of a claim says nothing about the claim, so the claim is left out there, by name. */
export function claimsOf(parts: ClaimParts): Claims {
  const conditional = [
    ...[...reservationsWithin(parts), ...incarnationsWithin(parts)],
    ...[formerPrimariesWithin(parts), ...clockWithin(parts), livenessWithin(parts)],
  ];
  return {
    judged: [
      ...reservationClaims(parts),
      ...versionClaims(parts),
      ...viewClaims(parts),
      ...lossClaims(parts),
      ...conditional.flatMap(({ isWithinScope, properties }) => (isWithinScope ? properties : [])),
    ],
    notJudged: conditional.flatMap(({ isWithinScope, properties, reason }) =>
      isWithinScope ? [] : properties.map(({ id, claim }) => ({ id, claim, reason })),
    ),
  };
}

function reservationsWithin({ always, sometimes, bounds, stored }: ClaimParts): readonly ConditionalClaims[] {
  const { epochs, faults, jobs, lostAnswers, lostServers, messages, repeats } = bounds;
  return [
    {
      isWithinScope: bounds.jobs > bounds.capacity,
      reason: "no node can be asked for more jobs than it has room for (J > K)",
      properties: [
        always("J2", "a reserve never takes a node past its capacity", stored.keeps("J2"), (state) =>
          stored.meetsFullNode(state),
        ),
      ],
    },
    {
      isWithinScope: bounds.faults + lostAnswers > 0,
      reason: "no answer is lost (X or A)",
      properties: [
        sometimes(
          "J3",
          "a job was reserved and the answer is lost",
          (state) => state.faults.any + state.faults.answers > 0 && stored.isUnanswered(state),
        ),
      ],
    },
    {
      isWithinScope: bounds.groups === 1 && jobs > 1 && messages > 1 && faults === 0 && lostAnswers === 1,
      reason: "no answer to several reserves is lost as one (B, J > 1, M > 1, X=0, A=1)",
      properties: [
        sometimes("J3", "a group of reserves was made, and its one answer is lost", (state) =>
          stored.lacksAnswers(state),
        ),
      ],
    },
    {
      isWithinScope: lostAnswers > 0 && repeats > 0 && lostServers > 0 && epochs > 1,
      reason: "not every kind of fault has its own number (A, D, G)",
      properties: [
        sometimes(
          "D4",
          "an answer was lost, a delivery repeated and an epoch changed in one run",
          ({ faults, store: { meta } }) =>
            faults.answers > 0 && faults.repeats > 0 && faults.goings > 0 && meta.epoch > 1,
        ),
      ],
    },
  ];
}

function incarnationsWithin({ always, sometimes, bounds, stored }: ClaimParts): readonly ConditionalClaims[] {
  return [
    {
      isWithinScope: bounds.heartbeats > 0 && bounds.incarnations > 1,
      reason: "no node lives twice and sends heartbeats (L > 1, H)",
      properties: [
        sometimes("N1", "a heartbeat of a former life is on its way", (state) => stored.hasLateHeartbeat(state)),
      ],
    },
    {
      isWithinScope: bounds.incarnations > 1,
      reason: "no node lives twice (L > 1)",
      properties: [
        always(
          "N1",
          "an older call, or one of a former life, never changes a node",
          (state) => !state.overwritten,
          (state) => stored.hasLateHeartbeat(state) || stored.hasLateRegistration(state),
        ),
      ],
    },
  ];
}

function formerPrimariesWithin({ always, sometimes, bounds, views }: ClaimParts): ConditionalClaims {
  const { formerPrimaries, replicas, faults, lostServers, epochs } = bounds;
  return {
    isWithinScope: formerPrimaries === 1 && replicas === 1 && faults + lostServers > 1 && epochs > 2,
    reason: "no former primary answers (P, R, E > 2, X + G > 1)",
    properties: [
      always(
        "D4",
        "an instance never follows a former primary, or an epoch that it has left",
        (state) => !state.wentBack,
        (state) => views.isPageOfFormer(state),
      ),
      sometimes("D4", "an instance follows the other side of a split", (state) => views.haveChangedSides(state)),
    ],
  };
}

function clockWithin({ always, eventually, bounds, stored }: ClaimParts): readonly ConditionalClaims[] {
  const { ttl, liveness, normalForm, faults, lostServers } = bounds;
  return [
    {
      isWithinScope: ttl > 0 && faults + lostServers > 0,
      reason: "there is no clock (Y), or the store is never away (X or G)",
      properties: [
        always(
          "N4",
          "no sweep takes a node that sends its heartbeats, or its jobs",
          (state) => !state.sweptAlive,
          (state) => stored.hasLateNode(state),
        ),
      ],
    },
    {
      isWithinScope: ttl > 0 && liveness === 1 && normalForm === 0,
      reason: "there is no clock (Y), or no liveness (T=1, Z=0)",
      properties: [
        eventually(
          "N4",
          "a node that sends no heartbeats any more expires, unless the scope ends",
          (state) => !stored.hasSilentNode(state) || stored.hasRunOut(state),
          (state) => stored.hasSilentNode(state),
        ),
      ],
    },
  ];
}

function livenessWithin(parts: ClaimParts): ConditionalClaims {
  const { liveness, normalForm, ttl } = parts.bounds;
  return {
    isWithinScope: liveness === 1 && normalForm === 0 && ttl === 0,
    reason: "liveness is judged where T=1, nothing is forgotten (Z=0), and there is no clock (Y=0)",
    properties: livenessClaims(parts),
  };
}
