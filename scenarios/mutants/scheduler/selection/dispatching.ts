/** Wrong dispatches: too few nodes are tried, or too many; one is asked again in vain; the lease or the caller's signal is ignored. */
import type { SchedulerMutant } from "../mutant.ts";

interface Change {
  readonly id: string;
  readonly origin: string;
  readonly find: string;
  readonly replace: string;
  /** Where `random-nemesis` takes many seeds. */
  readonly simulated?: string;
}

const changes: readonly Change[] = [
  {
    id: "first-candidate-only",
    origin: "the best candidate is asked, and the job has no node where that one refuses",
    find: "if (tried.length === attempts) break;",
    replace: "if (tried.length === Math.min(1, attempts)) break;",
  },
  {
    id: "one-candidate-selected",
    origin: "only one candidate is selected, since it is the best",
    find: "key: request.key ?? job, count: attempts });",
    replace: "key: request.key ?? job, count: Math.min(1, attempts) });",
  },
  {
    id: "gone-ends-the-dispatch",
    origin: "only a full node makes it go on: one that has gone offline ends it",
    find: `if (answer.kind === "full" || answer.kind === "not_online") {
      this.#forget(job);
      return null;`,
    replace: `if (answer.kind === "full" || answer.kind === "not_online") {
      this.#forget(job);
      return answer.kind === "full" ? null : { kind: "no_node", tried: [node] };`,
  },
  {
    id: "asks-again-after-refusal",
    origin: "a full node is asked once more, since a place may have become free",
    find: `if (!isAmbiguous(first) || settings.retryAmbiguous !== "dispatch") return first;`,
    replace: `if (first.kind !== "full" && (!isAmbiguous(first) || settings.retryAmbiguous !== "dispatch")) return first;`,
  },
  {
    id: "asks-again-once-gone",
    origin: "a node that is not online is asked once more, since it may have come back",
    find: `if (!isAmbiguous(first) || settings.retryAmbiguous !== "dispatch") return first;`,
    replace: `if (first.kind !== "not_online" && (!isAmbiguous(first) || settings.retryAmbiguous !== "dispatch")) return first;`,
  },
  {
    id: "lease-of-dispatch-ignored",
    origin: "every place is kept for as long as the settings say",
    find: "const first = await writes.reserveJob(node, job, { ...options, urgent });",
    replace: "const first = await writes.reserveJob(node, job, { ...options, lease: settings.lease, urgent });",
  },
  {
    id: "attempts-ignored",
    origin: "as many nodes are tried as the settings say, whatever the caller allows",
    find: "const attempts = options.attempts ?? settings.dispatchCandidates;",
    replace: "const attempts = settings.dispatchCandidates;",
    simulated: "close-quarters",
  },
  {
    id: "abort-ignored",
    origin: "a dispatch that has begun is brought to its end, for a caller that has gone",
    find: "return this.#dispatches.join(request.job, () => this.#dispatch(request, options));",
    replace: `const { signal: _, ...rest } = options;
    return this.#dispatches.join(request.job, () => this.#dispatch(request, rest));`,
  },
  {
    id: "abort-forgets-the-place",
    origin: "a dispatch that was aborted is forgotten, so that the next one of the job begins elsewhere",
    find: "if (mayBeThere) this.#remember(job, node,",
    replace: `if (mayBeThere && answer.cause !== "aborted") this.#remember(job, node,`,
  },
];

export const dispatchMutants: readonly SchedulerMutant[] = changes.map((change) => {
  const { find, id, origin, replace, simulated = "random-nemesis" } = change;
  return {
    id,
    origin,
    simulated,
    property: "S5",
    edits: [{ file: "selection/dispatch.ts", find, replace }],
  };
});
