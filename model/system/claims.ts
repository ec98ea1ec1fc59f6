/** What is claimed of the `system` model: the properties of the registry in their model form, and the witnesses that their premises are met. */
import { type LeftOut, type Property, propertiesOf } from "../language/machine.ts";
import type { Parts } from "./rules.ts";
import type { Instance, Seen, State, SystemSchema } from "./state.ts";
import { lastSequence } from "./store.ts";

export interface Claims {
  readonly judged: readonly Property[];
  readonly leftOut: readonly LeftOut[];
}

export function claimsOf(schema: SystemSchema, { words, bounds, store, view }: Omit<Parts, "design">): Claims {
  const { nodes, jobs, instances } = words;
  const { always, sometimes, eventually } = propertiesOf(schema);

  /** No invariant of the partition with this id is broken: the same that `conform` asks of a real store. */
  const isKept = (id: string) => (state: State) => store.broken(state.store).every((each) => each.property !== id);
  const someNode = (is: (n: number) => boolean): boolean => nodes.all.some(is);
  const someInstance = (state: State, is: (instance: Instance) => boolean): boolean =>
    instances.all.some((i) => is(state.instance.get(i)));
  const everyInstance = (state: State, is: (instance: Instance) => boolean): boolean =>
    instances.all.every((i) => is(state.instance.get(i)));

  const isVisible = ({ seen, missed }: Instance, n: number): boolean =>
    seen.get(n)?.isOnline === true && !missed.get(n);
  const isOnline = (state: State, n: number): boolean => state.store.node.get(n)?.status === "online";
  const hasJobs = (state: State): boolean => nodes.all.some((n) => (state.store.node.get(n)?.jobs.size ?? 0) > 0);

  /** In the store's epoch, and the store is still the server that it was. */
  const isInEpoch = ({ store: { meta } }: State, { version }: Instance): boolean =>
    version.epoch > 0 && version.epoch === meta.epoch && !meta.isForeign;
  const isCaughtUp = (state: State, instance: Instance): boolean =>
    isInEpoch(state, instance) && instance.version.sequence === state.store.meta.sequence;
  const isBehind = (state: State, instance: Instance): boolean =>
    isInEpoch(state, instance) && instance.version.sequence < state.store.meta.sequence;
  const holdsAll = (state: State, instance: Instance): boolean =>
    nodes.all.every((n) => view.isSame(instance.seen.get(n), storedOf(state, n)));
  const storedOf = ({ store: { node, meta } }: State, n: number): Seen | null =>
    view.seenOf(node.get(n), words.Version.of({ epoch: meta.epoch, sequence: meta.sequence }));
  const isConverged = (state: State): boolean =>
    everyInstance(state, (instance) => isCaughtUp(state, instance) && holdsAll(state, instance));

  /** The feed still has every change that the view has not seen. */
  const canResume = (state: State, instance: Instance): boolean =>
    isBehind(state, instance) && state.store.meta.sequence - instance.version.sequence <= state.store.feed.length;
  /** The view, with these changes, is what the store holds. */
  function resumes(state: State, instance: Instance): boolean {
    const { epoch } = state.store.meta;
    return nodes.all.every((n) => {
      let held = instance.seen.get(n);
      for (const { sequence, change } of state.store.feed) {
        const isNews =
          change.n === n && sequence > instance.version.sequence && (held === null || held.sequence < sequence);
        if (isNews) held = view.after(held, change, words.Version.of({ epoch, sequence }));
      }
      return view.isSame(held, storedOf(state, n));
    });
  }

  function someMessage({ net }: State, is: (message: ReturnType<State["net"]["at"]>) => boolean): boolean {
    for (let index = 0; index < net.size; index += 1) if (is(net.at(index))) return true;
    return false;
  }
  const meetsFullNode = (state: State): boolean =>
    someMessage(state, (message) => {
      if (message.kind !== "Reserve") return false;
      const node = state.store.node.get(message.n);
      return (
        node !== null && node.status === "online" && node.jobs.size >= bounds.capacity && !node.jobs.has(message.j)
      );
    });
  const hasLateHeartbeat = (state: State): boolean =>
    someMessage(state, (message) => {
      if (message.kind !== "Heartbeat") return false;
      const node = state.store.node.get(message.n);
      return node !== null && node.status === "online" && node.incarnation !== message.incarnation;
    });
  const hasLateRegistration = (state: State): boolean =>
    someMessage(
      state,
      (message) => message.kind === "Register" && (state.store.node.get(message.n)?.former.has(message.life) ?? false),
    );
  const hasLateCall = (state: State, kind: "Reserve" | "Complete"): boolean =>
    someMessage(state, (message) => message.kind === kind && state.completed.get(message.n).has(message.j));
  const isUnanswered = (state: State): boolean =>
    jobs.all.some((j) => {
      const job = state.job.get(j);
      return job.kind === "asked" && (state.store.node.get(job.n)?.jobs.has(j) ?? false);
    });
  const hasHiddenNode = (state: State): boolean =>
    someNode((n) => isOnline(state, n) && someInstance(state, ({ missed }) => missed.get(n)));
  const hasRunOut = ({ store: { meta } }: State): boolean =>
    meta.sequence === lastSequence(bounds, meta.epoch) || meta.nextEpoch > bounds.epochs + 1;
  const hasFailed = ({ faults }: State): boolean => faults.any + faults.answers + faults.repeats + faults.goings > 0;
  const isUnaware = (state: State): boolean =>
    someInstance(
      state,
      (instance) =>
        isBehind(state, instance) && !instance.isWoken && instance.change === null && instance.page.version === null,
    );

  const safety = [
    always("J1", "current_jobs is the number of live reservations", isKept("J1"), hasJobs),
    always(
      "J3",
      "a job that was completed on a node is not live there again",
      (state) =>
        nodes.all.every((n) =>
          jobs.all.every((j) => !(state.completed.get(n).has(j) && (state.store.node.get(n)?.jobs.has(j) ?? false))),
        ),
      (state) => hasLateCall(state, "Complete"),
    ),
    always(
      "J3",
      "every reservation is of a job that was dispatched",
      (state) =>
        nodes.all.every((n) => jobs.all.every((j) => state.dispatched.has(j) || !state.store.node.get(n)?.jobs.has(j))),
      isUnanswered,
    ),
    always("J4", "a node that is not online has no jobs", isKept("J4"), (state) =>
      someNode((n) => state.store.node.get(n)?.status === "expired"),
    ),
    always(
      "V1",
      "sequences grow by one, and the feed ends with the newest",
      isKept("V1"),
      (state) => state.store.meta.sequence > 0,
    ),
    always(
      "V1",
      "no view is ahead of the store in its epoch",
      (state) =>
        everyInstance(
          state,
          (instance) => !isInEpoch(state, instance) || instance.version.sequence <= state.store.meta.sequence,
        ),
      (state) => state.store.meta.epoch > 1,
    ),
    always(
      "V2",
      "a view that is at the store's version holds what the store holds",
      (state) => everyInstance(state, (instance) => !isCaughtUp(state, instance) || holdsAll(state, instance)),
      (state) => someInstance(state, (instance) => isCaughtUp(state, instance) && instance.version.sequence > 0),
    ),
    always(
      "V2",
      "a view never goes back",
      (state) => !state.wentBack,
      (state) => someInstance(state, ({ version }) => version.sequence > 0),
    ),
    always(
      "N2",
      "a view that is at the store's version shows no node that is not online",
      (state) =>
        everyInstance(
          state,
          (instance) =>
            !isCaughtUp(state, instance) || nodes.all.every((n) => isOnline(state, n) || !isVisible(instance, n)),
        ),
      (state) =>
        someInstance(
          state,
          (instance) => isCaughtUp(state, instance) && someNode((n) => instance.seen.get(n)?.isOnline === false),
        ),
    ),
    always(
      "P1",
      "no page is loaded where the feed has every change",
      (state) => !state.reloaded,
      (state) => someInstance(state, (instance) => canResume(state, instance)),
    ),
    always(
      "D4",
      "a reservation that was acknowledged is there until its loss is named",
      (state) =>
        jobs.all.every((j) => {
          const job = state.job.get(j);
          return job.kind !== "held" || (state.store.node.get(job.n)?.jobs.has(j) ?? false);
        }),
      (state) => jobs.all.some((j) => state.job.get(j).kind === "held"),
    ),
    always(
      "F1",
      "a view, with the changes that the feed has for it, is what the store holds",
      (state) => everyInstance(state, (instance) => !canResume(state, instance) || resumes(state, instance)),
      (state) => someInstance(state, (instance) => canResume(state, instance)),
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
  const liveness = [
    sometimes(
      "V3",
      "every view is the store's, after a fault",
      (state) => hasFailed(state) && state.store.meta.sequence > 0 && isConverged(state),
    ),
    eventually("V3", "every view becomes the store's", isConverged, (state) => !isConverged(state)),
    eventually("V4", "a gap that nothing tells of is repaired", isConverged, isUnaware),
    eventually(
      "N3",
      "a node that was marked as missing becomes visible once it is online",
      (state) => !hasHiddenNode(state),
      hasHiddenNode,
    ),
    eventually(
      "J4",
      "every reservation ends, unless the scope does",
      (state) => !hasJobs(state) || hasRunOut(state),
      hasJobs,
    ),
  ];
  // A scope too small for a premise says nothing about its claim, so the claim is left out there, by name.
  const judged: Property[] = [...safety];
  const leftOut: LeftOut[] = [];
  function offer(isWithin: boolean, reason: string, ...properties: readonly Property[]): void {
    if (isWithin) judged.push(...properties);
    else leftOut.push(...properties.map(({ id, claim }) => ({ id, claim, reason })));
  }
  offer(
    bounds.jobs > bounds.capacity,
    "no node can be asked for more jobs than it has room for (J > K)",
    always("J2", "a reserve never takes a node past its capacity", isKept("J2"), meetsFullNode),
  );
  offer(
    bounds.faults + bounds.lostAnswers > 0,
    "no answer is lost (X or A)",
    sometimes(
      "J3",
      "a job was reserved and the answer is lost",
      (state) => state.faults.any + state.faults.answers > 0 && isUnanswered(state),
    ),
  );
  offer(
    bounds.lostAnswers > 0 && bounds.repeats > 0 && bounds.lostServers > 0 && bounds.epochs > 1,
    "not every kind of fault has its own number (A, D, G)",
    sometimes(
      "D4",
      "an answer was lost, a delivery repeated and an epoch changed in one run",
      ({ faults, store: { meta } }) => faults.answers > 0 && faults.repeats > 0 && faults.goings > 0 && meta.epoch > 1,
    ),
  );
  offer(
    bounds.heartbeats > 0 && bounds.incarnations > 1,
    "no node lives twice and sends heartbeats (L > 1, H)",
    sometimes("N1", "a heartbeat of a former life is on its way", hasLateHeartbeat),
  );
  offer(
    bounds.incarnations > 1,
    "no node lives twice (L > 1)",
    always(
      "N1",
      "an older call, or one of a former life, never changes a node",
      (state) => !state.overwritten,
      (state) => hasLateHeartbeat(state) || hasLateRegistration(state),
    ),
  );
  offer(
    bounds.liveness === 1 && bounds.normalForm === 0,
    "liveness is judged where T=1 and nothing is forgotten (Z=0)",
    ...liveness,
  );
  return { judged, leftOut };
}
