/**
 * The whole protocol in a small scope: a store that loses data and fails over, nodes that live and live again, jobs and their clients,
 * instances that follow the feed, and between them a network that delays, reorders, repeats and loses.
 *
 * Read from top to bottom: what there is, who may do what, what is claimed. How the store works is not here but in partition.ts: it is
 * the same `step` that `conform` holds against Lua. How a view works is in view.ts. docs/model.md has the reasons.
 *
 * Time is left out: a node's time, or a lease, may be up at any moment, and an answer may take for ever. An instance that is cut off, whatever
 * its mode, is one whose fetches wait. So what is claimed with a bound elsewhere is claimed here as `eventually`.
 */
import { actionsOf, type Model } from "../language/machine.ts";
import { claimsOf } from "./claims.ts";
import { designs, stepOf } from "./designs.ts";
import { faultRules } from "./faults.ts";
import { normalFormOf } from "./normal-form.ts";
import { rulesOf } from "./rules.ts";
import { scope, scopes } from "./scope.ts";
import { type Instance, type State, schemaOf, wordsOf } from "./state.ts";
import { storeOf } from "./store.ts";
import { viewRules } from "./view.ts";

export const system: Model<typeof scope> = {
  name: "system",
  scope,
  scopes,
  mutants: designs,

  build(bounds, design) {
    const words = wordsOf(bounds);
    const { nodes, jobs, instances, Message, Job, Agent, Version, unwritten } = words;
    const { Register, Heartbeat, Reserve, Complete, Found } = Message.make;
    const { asked, held, ending } = Job.make;
    const store = storeOf(words, bounds, stepOf(design));
    const view = viewRules(words, design);

    const schema = schemaOf(words, bounds);
    const { net } = schema.fields;

    const { ask, send, serve, fetch, reach, forget, nameLost, failOver } = rulesOf({
      words,
      bounds,
      store,
      view,
      design,
    });

    const hasNoAnswerComing = (instance: Instance): boolean =>
      instance.change === null && instance.page.version === null;
    const isVisible = (instance: Instance, n: number): boolean =>
      instance.seen.get(n)?.isOnline === true && !instance.missed.get(n);
    const { judged, leftOut } = claimsOf(schema, { words, bounds, store, view });
    const { mayFail, fail, isMissed, repeat } = faultRules(bounds);

    const action = actionsOf(schema);

    return {
      schema,

      initial(state: State) {
        const none = Version.of({ epoch: 0, sequence: 0 });
        state.store.meta = unwritten;
        state.replica.meta = unwritten;
        for (const i of instances.all) state.instance.get(i).version = none;
      },

      ...(bounds.normalForm === 1 ? { normal: normalFormOf(words, bounds, design) } : {}),

      actions: [
        // A node begins a life, says so until it is answered, and sends heartbeats.
        action("BeginLife", [nodes], {
          when: (state, n) => state.agent.get(n).life < bounds.incarnations,
          next: (state, n) => {
            const life = state.agent.get(n).life + 1;
            state.agent.set(n, Agent.of({ life, incarnation: null, seq: 0 }));
            return send(state, Register({ n, life }));
          },
        }),
        action("RegisterAgain", [nodes], {
          when: (state, n) => state.agent.get(n).life > 0 && state.agent.get(n).incarnation === null,
          next: (state, n) => send(state, Register({ n, life: state.agent.get(n).life })),
        }),
        action("SendHeartbeat", [nodes], {
          when: (state, n) => state.agent.get(n).incarnation !== null && state.agent.get(n).seq < bounds.heartbeats,
          next: (state, n) => {
            const { life, incarnation, seq } = state.agent.get(n);
            state.agent.set(n, Agent.of({ life, incarnation, seq: seq + 1 }));
            return incarnation !== null && send(state, Heartbeat({ n, incarnation, seq: seq + 1 }));
          },
        }),

        // A client chooses a node by an instance's view, and asks the store until it is answered.
        action("Dispatch", [instances, jobs, nodes], {
          when: (state, i, j, n) => {
            const instance = state.instance.get(i);
            return (
              state.job.get(j).kind === "idle" &&
              isVisible(instance, n) &&
              (instance.seen.get(n)?.count ?? 0) < bounds.capacity
            );
          },
          next: (state, _i, j, n) => {
            state.job.set(j, design === "acknowledged-when-sent" ? held({ n }) : asked({ n }));
            state.dispatched = state.dispatched.with(j);
            return send(state, Reserve({ n, j }));
          },
        }),
        action("AskAgain", [jobs], {
          next: (state, j) => {
            const job = state.job.get(j);
            if (job.kind === "ending") return send(state, Complete({ n: job.n, j }));
            if (job.kind !== "asked" || state.net.has(Reserve({ n: job.n, j }))) return false;
            return send(state, Reserve({ n: job.n, j: design === "retry-renamed" ? (j + 1) % jobs.size : j }));
          },
        }),
        action("End", [jobs], {
          next: (state, j) => {
            const job = state.job.get(j);
            if (job.kind !== "held" && job.kind !== "lost") return false;
            state.job.set(j, ending({ n: job.n }));
            return send(state, Complete({ n: job.n, j }));
          },
        }),

        // The network delivers, in any order; and it fails.
        action("Deliver", [net], {
          next: (state, message) => {
            state.net.delete(message);
            return serve(state, message, true);
          },
          fair: "each",
        }),
        action("Repeat", [net], {
          when: (state) => mayFail(state, "repeats"),
          next: (state, message) => fail(state, "repeats") && repeat(state, message, serve),
        }),
        action("LoseReply", [net], {
          when: (state, message) => mayFail(state, "answers") && isMissed(state, message),
          next: (state, message) => {
            state.net.delete(message);
            return fail(state, "answers") && serve(state, message, false);
          },
        }),
        action("LoseRequest", [net], {
          when: (state) => mayFail(state, "any"),
          next: (state, message) => {
            state.net.delete(message);
            return fail(state, "any");
          },
        }),

        // An instance follows the feed: woken or not, it asks; what it hears may be lost.
        action("Fetch", [instances], {
          when: (state, i) => {
            const instance = state.instance.get(i);
            const isDue = design !== "wake-ups-trusted" || instance.isWoken || instance.version.epoch === 0;
            return isDue && hasNoAnswerComing(instance);
          },
          next: (state, i) => fetch(state, state.instance.get(i)),
          fair: "each",
        }),
        action("Learn", [instances], {
          when: (state, i) => state.instance.get(i).change !== null,
          next: (state, i) => reach(state, i, view.learn),
          fair: "each",
        }),
        action("Resync", [instances], {
          when: (state, i) => state.instance.get(i).page.version !== null,
          next: (state, i) => reach(state, i, view.resync),
          fair: "each",
        }),
        action("LoseAnswer", [instances], {
          when: (state, i) => mayFail(state, "any") && !hasNoAnswerComing(state.instance.get(i)),
          next: (state, i) => fail(state, "any") && forget(state.instance.get(i)),
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
          next: (state, i, n) => {
            if (state.instance.get(i).version.epoch === 0 || ask(state, { kind: "snapshot", nodes: [] }) === null)
              return false;
            const { epoch, sequence } = state.store.meta;
            const at = Version.of({ epoch, sequence });
            return send(state, Found({ i, n, at, seen: view.seenOf(state.store.node.get(n), at) }));
          },
        }),
        action("Crash", [instances], {
          when: (state, i) => mayFail(state, "any") && state.instance.get(i).version.epoch > 0,
          next: (state, i) => {
            const instance = state.instance.get(i);
            instance.version = Version.of({ epoch: 0, sequence: 0 });
            instance.isWoken = false;
            for (const n of nodes.all) {
              instance.seen.set(n, null);
              instance.missed.set(n, false);
            }
            return fail(state, "any") && forget(instance);
          },
        }),

        // Time passes at the store, and servers go.
        action("Expire", [nodes], {
          when: (state, n) => state.store.node.get(n) !== null,
          next: (state, n) => {
            if (ask(state, { kind: "expire", n }) === null) return false;
            nameLost(state);
            return true;
          },
        }),
        action("Lapse", [nodes, jobs], {
          when: (state, n, j) => design !== "leases-for-ever" && (state.store.node.get(n)?.jobs.has(j) ?? false),
          next: (state, n, j) => {
            if (ask(state, { kind: "lapse", n, j }) === null) return false;
            nameLost(state);
            return true;
          },
          fair: "each",
        }),
        action("RestartWithoutData", [], {
          when: (state) => mayFail(state, "goings") && state.store.meta.epoch > 0,
          next: (state) => fail(state, "goings") && failOver(state, false),
        }),
        action("Replicate", [], {
          when: () => bounds.replicas === 1,
          next: ({ store: { meta, feed, node }, replica }) => {
            replica.meta = meta;
            replica.feed.clear();
            for (const entry of feed) replica.feed.push(entry);
            for (const n of nodes.all) replica.node.set(n, node.get(n));
            return true;
          },
        }),
        action("FailOver", [], {
          when: (state) => mayFail(state, "goings") && state.replica.meta.epoch > 0,
          next: (state) => fail(state, "goings") && failOver(state, true),
        }),
      ],

      properties: judged,
      leftOut,
    };
  },
};
