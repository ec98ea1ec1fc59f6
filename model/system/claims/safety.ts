/** The claims about every state of the `system` model, in every scope, and the witnesses that every scope has to reach. */
import type { Property } from "../../language/machine.ts";
import type { ClaimParts } from "./parts.ts";

export function reservationClaims({ always, domains: { nodes, jobs }, stored }: ClaimParts): readonly Property[] {
  return [
    always("J1", "current_jobs is the number of live reservations", stored.keeps("J1"), (state) =>
      stored.hasJobs(state),
    ),
    always(
      "J3",
      "a job that was completed on a node is not live there again",
      (state) =>
        nodes.all.every((n) => jobs.all.every((j) => !(state.completed.get(n).has(j) && stored.isLive(state, n, j)))),
      (state) => stored.hasLateCompletion(state),
    ),
    always(
      "J3",
      "every reservation is of a job that was dispatched",
      (state) => nodes.all.every((n) => jobs.all.every((j) => state.dispatched.has(j) || !stored.isLive(state, n, j))),
      (state) => stored.isUnanswered(state),
    ),
    always("J4", "a node that is not online has no jobs", stored.keeps("J4"), (state) =>
      nodes.all.some((n) => state.store.node.get(n)?.status === "expired"),
    ),
  ];
}

export function versionClaims({ always, stored, views }: ClaimParts): readonly Property[] {
  return [
    always(
      "V1",
      "sequences grow by one, and the feed ends with the newest",
      stored.keeps("V1"),
      (state) => state.store.meta.sequence > 0,
    ),
    always(
      "V1",
      "no view is ahead of the store in its epoch",
      (state) =>
        views.every(
          state,
          (instance) => !views.isInEpoch(state, instance) || instance.version.sequence <= state.store.meta.sequence,
        ),
      (state) => state.store.meta.epoch > 1,
    ),
  ];
}

export function viewClaims({ always, domains: { nodes }, stored, views }: ClaimParts): readonly Property[] {
  return [
    always(
      "V2",
      "a view that is at the store's version holds what the store holds",
      (state) =>
        views.every(state, (instance) => !views.isCaughtUp(state, instance) || views.holdsAll(state, instance)),
      (state) => views.some(state, (instance) => views.isCaughtUp(state, instance) && instance.version.sequence > 0),
    ),
    always(
      "V2",
      "a view never goes back",
      (state) => !state.wentBack,
      (state) => views.some(state, ({ version }) => version.sequence > 0),
    ),
    always(
      "N2",
      "a view that is at the store's version shows no node that is not online",
      (state) =>
        views.every(
          state,
          (instance) =>
            !views.isCaughtUp(state, instance) ||
            nodes.all.every((n) => stored.isOnline(state, n) || !views.isVisible(instance, n)),
        ),
      (state) =>
        views.some(
          state,
          (instance) =>
            views.isCaughtUp(state, instance) && nodes.all.some((n) => instance.seen.get(n)?.isOnline === false),
        ),
    ),
    always(
      "P1",
      "no page is loaded where the feed has every change",
      (state) => !state.reloaded,
      (state) => views.some(state, (instance) => views.canResume(state, instance)),
    ),
  ];
}

/** Acknowledged reservations and the changes in the feed are there until their loss is named. */
export function lossClaims({ always, sometimes, domains: { jobs }, stored, views }: ClaimParts): readonly Property[] {
  return [
    always(
      "D4",
      "a reservation that was acknowledged is there until its loss is named",
      (state) =>
        jobs.all.every((j) => {
          const job = state.job.get(j);
          return job.kind !== "held" || stored.isLive(state, job.n, j);
        }),
      (state) => jobs.all.some((j) => state.job.get(j).kind === "held"),
    ),
    always(
      "F1",
      "a view, with the changes that the feed has for it, is what the store holds",
      (state) => views.every(state, (instance) => !views.canResume(state, instance) || views.resumes(state, instance)),
      (state) => views.some(state, (instance) => views.canResume(state, instance)),
    ),
    sometimes(
      "V1",
      "an epoch begins while a call is on its way",
      (state) => state.store.meta.epoch > 1 && state.net.size > 0,
    ),
    sometimes("D4", "the loss of a reservation is named", (state) =>
      jobs.all.some((j) => state.job.get(j).kind === "lost"),
    ),
  ];
}
