/** The actions of the `system` model, and when they are enabled: one table for each part of the system. */
import { type Action, actionsOf } from "../language/machine.ts";
import type { Rules } from "./rules/rules.ts";
import type { Bounds } from "./scope.ts";
import type { Domains, Group, Message, State, SystemSchema } from "./state.ts";

interface ActionParts {
  readonly schema: SystemSchema;
  readonly domains: Domains;
  readonly bounds: Bounds;
  readonly rules: Rules;
}

export function systemActions(parts: ActionParts): readonly Action[] {
  return [
    ...nodeActions(parts),
    ...clientActions(parts),
    ...networkActions(parts),
    ...(parts.bounds.groups === 1 ? groupActions(parts) : []),
    ...instanceActions(parts),
    ...storeActions(parts),
    ...clockActions(parts),
  ];
}

/** A node begins an incarnation, registers it until it is answered, and sends heartbeats. */
function nodeActions({ schema, domains, bounds, rules: { calls } }: ActionParts): readonly Action[] {
  const { nodes, instances, Agent, Message } = domains;
  const { Register, Heartbeat } = Message.make;
  const action = actionsOf(schema);
  const seenBy = (state: State, i: number, n: number) => state.instance.get(i).seen.get(n)?.incarnation ?? null;
  return [
    action("BeginLife", [instances, nodes], {
      // Instances that see the same come to the same: one of them is enough.
      when: (state, i, n) =>
        state.agent.get(n).life < bounds.incarnations &&
        instances.all.every((other) => other >= i || seenBy(state, other, n) !== seenBy(state, i, n)),
      // A process that has just started replaces what its instance sees, which may be old.
      next: (state, i, n) => {
        const life = state.agent.get(n).life + 1;
        const expected = seenBy(state, i, n);
        state.agent.set(n, Agent.of({ life, expected, incarnation: null, seq: 0 }));
        return calls.send(state, Register({ n, life, expected }));
      },
    }),
    action("RegisterAgain", [nodes], {
      when: (state, n) => state.agent.get(n).life > 0 && state.agent.get(n).incarnation === null,
      next: (state, n) => {
        const { life, expected } = state.agent.get(n);
        return calls.send(state, Register({ n, life, expected }));
      },
    }),
    action("SendHeartbeat", [nodes], {
      when: (state, n) => state.agent.get(n).incarnation !== null && state.agent.get(n).seq < bounds.heartbeats,
      next: (state, n) => {
        const { life, expected, incarnation, seq } = state.agent.get(n);
        state.agent.set(n, Agent.of({ life, expected, incarnation, seq: seq + 1 }));
        return incarnation !== null && calls.send(state, Heartbeat({ n, incarnation, seq: seq + 1 }));
      },
    }),
  ];
}

/** A client chooses a node by an instance's view, and asks the store until it is answered. */
function clientActions({ schema, domains, rules: { clients } }: ActionParts): readonly Action[] {
  const { nodes, jobs, instances } = domains;
  const action = actionsOf(schema);
  return [
    action("Dispatch", [instances, jobs, nodes], {
      when: (state, i, j, n) => clients.mayDispatch(state, state.instance.get(i), j, n),
      next: (state, _i, j, n) => clients.dispatch(state, j, n),
    }),
    action("AskAgain", [jobs], { next: (state, j) => clients.askAgain(state, j) }),
    action("End", [jobs], { next: (state, j) => clients.end(state, j) }),
  ];
}

/** The network delivers, in any order; and it fails. */
function networkActions({ schema, rules: { calls, faults } }: ActionParts): readonly Action[] {
  const { net } = schema.fields;
  const action = actionsOf(schema);
  return [
    action("Deliver", [net], {
      next: (state, message) => {
        state.net.delete(message);
        return calls.serve(state, message, true);
      },
      fair: "each",
    }),
    action("Repeat", [net], {
      when: (state) => faults.mayFail(state, "repeats"),
      next: (state, message) => faults.fail(state, "repeats") && faults.repeat(state, [message]),
    }),
    action("LoseReply", [net], {
      when: (state, message) => faults.mayFail(state, "answers") && faults.isMissed(state, message),
      next: (state, message) => {
        state.net.delete(message);
        return faults.fail(state, "answers") && calls.serve(state, message, false);
      },
    }),
    action("LoseRequest", [net], {
      when: (state) => faults.mayFail(state, "any"),
      next: (state, message) => {
        state.net.delete(message);
        return faults.fail(state, "any");
      },
    }),
  ];
}

/** Two calls in flight are one group: it is served, lost, repeated or left without an answer as one. */
function groupActions({ schema, rules: { calls, faults } }: ActionParts): readonly Action[] {
  const { net } = schema.fields;
  const action = actionsOf(schema);
  const isItem = ({ kind }: Message): boolean => kind === "Heartbeat" || kind === "Reserve" || kind === "Complete";
  const areGroup = (one: Message, other: Message): boolean => one !== other && isItem(one) && isItem(other);
  const take = ({ net }: State, group: Group): void => {
    for (const message of group) net.delete(message);
  };
  return [
    action("DeliverGroup", [net, net], {
      when: (_, ...group) => areGroup(...group),
      next: (state, ...group) => {
        take(state, group);
        return calls.serveGroup(state, group, true);
      },
    }),
    action("RepeatGroup", [net, net], {
      when: (state, ...group) => areGroup(...group) && faults.mayFail(state, "repeats"),
      next: (state, ...group) => faults.fail(state, "repeats") && faults.repeat(state, group),
    }),
    action("LoseGroupReply", [net, net], {
      when: (state, ...group) =>
        areGroup(...group) &&
        faults.mayFail(state, "answers") &&
        group.every((message) => faults.isMissed(state, message)),
      next: (state, ...group) => {
        take(state, group);
        return faults.fail(state, "answers") && calls.serveGroup(state, group, false);
      },
    }),
    action("LoseGroup", [net, net], {
      when: (state, ...group) => areGroup(...group) && faults.mayFail(state, "any"),
      next: (state, ...group) => {
        take(state, group);
        return faults.fail(state, "any");
      },
    }),
  ];
}

/** An instance follows the feed: woken or not, it polls; an answer to it may be lost. */
function instanceActions({ schema, domains, rules: { following, faults } }: ActionParts): readonly Action[] {
  const { nodes, instances } = domains;
  const action = actionsOf(schema);
  return [
    action("Fetch", [instances], {
      when: (state, i) => following.mayFetch(state.instance.get(i)),
      next: (state, i) => following.fetch(state, state.instance.get(i)),
      fair: "each",
    }),
    action("Learn", [instances], {
      when: (state, i) => state.instance.get(i).change !== null,
      next: (state, i) => following.learn(state, i),
      fair: "each",
    }),
    action("Resync", [instances], {
      when: (state, i) => state.instance.get(i).page.version !== null,
      next: (state, i) => following.resync(state, i),
      fair: "each",
    }),
    action("LoseAnswer", [instances], {
      when: (state, i) => faults.mayFail(state, "any") && following.hasAnswerInFlight(state.instance.get(i)),
      next: (state, i) => {
        following.loseAnswers(state.instance.get(i));
        return faults.fail(state, "any");
      },
    }),
    action("LoseWakeUp", [instances], {
      when: (state, i) => state.instance.get(i).isWoken,
      next: (state, i) => {
        state.instance.get(i).isWoken = false;
        return true;
      },
    }),
    action("LookUp", [instances, nodes], {
      when: (state, i, n) => state.instance.get(i).seen.get(n) === null && !state.instance.get(i).missed.get(n),
      next: (state, i, n) => following.lookUp(state, i, n),
    }),
    action("Crash", [instances], {
      when: (state, i) => faults.mayFail(state, "any") && state.instance.get(i).version.epoch > 0,
      next: (state, i) => {
        following.crash(state, i);
        return faults.fail(state, "any");
      },
    }),
  ];
}

/** Without a clock, time is up at any moment; and servers go. */
function storeActions({ schema, domains, bounds, rules }: ActionParts): readonly Action[] {
  const { nodes, jobs } = domains;
  const { calls, servers, faults } = rules;
  const action = actionsOf(schema);
  return [
    action("Expire", [nodes], {
      when: (state, n) => !rules.clock.isThere && state.store.node.get(n) !== null,
      next: (state, n) => calls.expire(state, n),
    }),
    action("Lapse", [nodes, jobs], {
      when: (state, n, j) => !rules.clock.isThere && calls.mayLapse(state, n, j),
      next: (state, n, j) => calls.lapse(state, n, j),
      fair: "each",
    }),
    action("RestartWithoutData", [], {
      when: (state) => faults.mayFail(state, "goings") && state.store.meta.epoch > 0,
      next: (state) => faults.fail(state, "goings") && servers.restartWithoutData(state),
    }),
    action("Restart", [], {
      when: (state) => servers.mayRestart(state) && faults.mayFail(state, "goings"),
      next: (state) => faults.fail(state, "goings") && servers.restart(state),
    }),
    action("Replicate", [], {
      when: () => bounds.replicas === 1,
      next: (state) => servers.replicate(state),
    }),
    action("FailOver", [], {
      when: (state) => faults.mayFail(state, "goings") && state.replica.meta.epoch > 0 && !state.isReplicaFormer,
      next: (state) => faults.fail(state, "goings") && servers.failOver(state),
    }),
    action("LeadBack", [], {
      when: (state) => faults.mayFail(state, "goings") && state.isReplicaFormer,
      next: (state) => faults.fail(state, "goings") && servers.leadBack(state),
    }),
  ];
}

/** With a clock: time passes, nodes send heartbeats, instances sweep, and the store is away for some time. */
function clockActions({ schema, domains, rules: { clock, faults } }: ActionParts): readonly Action[] {
  const { nodes } = domains;
  const action = actionsOf(schema);
  return [
    action("Tick", [], {
      when: (state) => clock.mayTick(state),
      next: (state) => clock.tick(state),
      fair: "each",
    }),
    action("Beat", [nodes], {
      when: (state, n) => clock.mayBeat(state, n),
      next: (state, n) => clock.beat(state, n),
      fair: "each",
    }),
    action("FallSilent", [nodes], {
      when: (state, n) => clock.mayBeat(state, n),
      next: (state, n) => clock.fallSilent(state, n),
    }),
    action("Sweep", [], {
      when: () => clock.isThere,
      next: (state) => clock.sweep(state),
      fair: "each",
    }),
    action("GoAway", [], {
      when: (state) => clock.isThere && !state.isAway && faults.mayFail(state, "goings"),
      next: (state) => {
        state.isAway = true;
        return faults.fail(state, "goings");
      },
    }),
    action("ComeBack", [], {
      when: (state) => state.isAway,
      next: (state) => {
        state.isAway = false;
        return true;
      },
      fair: "each",
    }),
  ];
}
