/** Each action of the `system` model in words. */
import type { Instance, Message, State } from "../../../model/system/state.ts";
import { countText } from "../../evidence/words.ts";
import type { Act, StepTaken, Within } from "./model-view.ts";
import { answerKeys, changeText, inFlightMessage, laneOf, seenText, versionText } from "./system-names.ts";

type Description = Pick<Act, "lane" | "words"> & Partial<Act>;

export function actOf(step: StepTaken, before: State, after: State): Act {
  const described = describe(step, before, after);
  const words = described.words + witnessed(before, after);
  return { kind: "step", takes: [], ends: "arrived", within: [], ...described, words };
}

/** The witnesses in the state, which only properties read. */
function witnessed(before: State, after: State): string {
  const lines = [
    after.wentBack && !before.wentBack ? "which takes the view back" : "",
    after.overwritten && !before.overwritten ? "so something older has overwritten something newer" : "",
    after.reloaded && !before.reloaded ? "though the feed had every change" : "",
  ].filter((line) => line !== "");
  return lines.length === 0 ? "" : `, ${lines.join(", ")}`;
}

function describe({ action, args }: StepTaken, before: State, after: State): Description {
  const [first, second, third] = args as readonly number[];
  const a = first ?? 0;
  const b = second ?? 0;
  switch (action) {
    case "BeginLife":
      return { lane: laneOf.node(b), kind: "call", words: `begins life ${after.agent.get(b).life} and registers` };
    case "RegisterAgain":
      return { lane: laneOf.node(a), kind: "call", words: "was not answered and registers again" };
    case "SendHeartbeat":
      return { lane: laneOf.node(a), kind: "call", words: `sends heartbeat ${after.agent.get(a).seq}` };
    case "Dispatch":
      return dispatched(before, a, b, third ?? 0);
    case "AskAgain":
      return { lane: laneOf.job(a), kind: "call", sender: laneOf.job(a), words: "was not answered and asks again" };
    case "End":
      return { lane: laneOf.job(a), kind: "call", words: "has done its work and says so" };
    case "Deliver":
      return delivered(args[0] as Message, before, after);
    case "Repeat": {
      const message = args[0] as Message;
      const delivery = delivered(message, before, after);
      return {
        ...delivery,
        kind: "fault",
        words: `${delivery.words} (a delivery that is repeated)`,
        repeats: inFlightMessage(message).key,
      };
    }
    case "LoseReply": {
      const delivery = delivered(args[0] as Message, before, after);
      const within = (delivery.within ?? []).map((each) => ({ ...each, words: "reply", isLost: true }));
      return { ...delivery, kind: "fault", words: `${delivery.words}, and the reply is lost`, within };
    }
    case "LoseRequest": {
      const { key, words } = inFlightMessage(args[0] as Message);
      return { ...losing([key]), words: `loses "${words}"` };
    }
    case "LoseAnswer":
      return { ...losing([answerKeys.change(a), answerKeys.page(a)]), words: `loses the answer to instance ${a}` };
    case "LoseWakeUp":
      return { ...losing([answerKeys.wakeUp(a)]), words: `loses the wake-up of instance ${a}` };
    default:
      return ofInstancesAndStore({ action, args }, before, after);
  }
}

function losing(takes: readonly string[]): Pick<Act, "lane" | "kind" | "ends" | "takes"> {
  return { lane: laneOf.network, kind: "fault", ends: "lost", takes };
}

function ofInstancesAndStore({ action, args }: StepTaken, before: State, after: State): Description {
  const [a = 0, b = 0] = args as readonly number[];
  const lane = laneOf.instance(a);
  switch (action) {
    case "Fetch":
      return fetched(a, before, after);
    case "Learn":
      return {
        lane,
        takes: [answerKeys.change(a)],
        words: `hears ${newsText(before.instance.get(a))}${moved(before, after, a)}`,
      };
    case "Resync":
      return { lane, takes: [answerKeys.page(a)], words: `takes the page${moved(before, after, a)}` };
    case "LookUp":
      return {
        lane,
        kind: "call",
        words: `looks up node ${b}`,
        within: [{ from: lane, to: laneOf.store, words: `node ${b}?` }],
      };
    case "Crash":
      return {
        ...losing(Object.values(answerKeys).map((of) => of(a))),
        lane,
        words: "crashes, and starts again with nothing",
      };
    case "Beat":
      return { lane: laneOf.node(a), kind: "call", words: "sends its heartbeat of this tick" };
    case "FallSilent":
      return { lane: laneOf.node(a), words: "ends, and sends no heartbeats any more" };
    default:
      return ofStore({ action, args }, after);
  }
}

function ofStore({ action, args }: StepTaken, after: State): Description {
  const [a = 0, b = 0] = args as readonly number[];
  switch (action) {
    case "Expire":
      return { lane: laneOf.store, words: `finds that node ${a}'s time is up` };
    case "Lapse":
      return { lane: laneOf.store, words: `finds that the lease of job ${b} on node ${a} is up` };
    case "RestartWithoutData":
      return { lane: laneOf.store, kind: "fault", words: "restarts, and all data are gone" };
    case "Tick":
      return { lane: laneOf.store, words: "is a tick later" };
    case "Sweep":
      return { lane: laneOf.store, words: sweepText(after.store.meta.heldFor) };
    case "GoAway":
      return { lane: laneOf.store, kind: "fault", words: "is away" };
    case "ComeBack":
      return { lane: laneOf.store, words: "is back" };
    case "Restart":
      return { lane: laneOf.store, kind: "fault", words: "restarts with its data, as another server" };
    case "Replicate":
      return {
        lane: laneOf.replica,
        words: "has caught up with the store",
        within: [{ from: laneOf.store, to: laneOf.replica, words: `all up to ${versionText(after.replica.meta)}` }],
      };
    case "FailOver":
      return {
        lane: laneOf.store,
        kind: "fault",
        words: `${after.isReplicaFormer ? "is left by its clients" : "goes"}, and the replica is promoted with what it has`,
        within: [{ from: laneOf.replica, to: laneOf.store, words: `all up to ${versionText(after.store.meta)}` }],
      };
    case "LeadBack":
      return {
        lane: laneOf.store,
        kind: "fault",
        words: `is left by its clients, which are led back to the former primary, in epoch ${after.store.meta.epoch}`,
      };
    default:
      return { lane: laneOf.store, words: `${action}(${[a, b].join(", ")})` };
  }
}

function sweepText(heldFor: number): string {
  return heldFor === 0 ? "is swept" : `is swept, and nothing is due for ${countText(heldFor, "tick")}`;
}

function dispatched(before: State, i: number, j: number, n: number): Description {
  const shown = seenText(before.instance.get(i).seen.get(n));
  return {
    lane: laneOf.job(j),
    kind: "call",
    words: `chooses node ${n}, which instance ${i} shows as ${shown}`,
    within: [{ from: laneOf.instance(i), to: laneOf.job(j), words: `node ${n} has room` }],
  };
}

/** The store executes a call, or an instance gets the answer to a lookup. The sender is answered within the step. */
function delivered(message: Message, before: State, after: State): Description {
  const { key, from, words } = inFlightMessage(message);
  const takes = [key];
  if (message.kind === "Found") {
    return {
      lane: laneOf.instance(message.i),
      kind: "answer",
      takes,
      words: `is answered about node ${message.n}${moved(before, after, message.i)}`,
    };
  }
  const effect = JSON.stringify(stored(before)) === JSON.stringify(stored(after)) ? ": nothing changes" : "";
  const answer = { from: laneOf.store, to: from };
  const within: readonly Within[] =
    message.kind === "Heartbeat" ? [] : [{ ...answer, words: answerText(message, before, after) }];
  return { lane: laneOf.store, takes, words: `takes "${words}"${effect}`, within };
}

function stored({ store: { meta, node } }: State): unknown {
  return [meta, node.values];
}

/** The reply as the sender takes it; the reply itself is not in the model's state. */
function answerText(message: Exclude<Message, { kind: "Found" | "Heartbeat" }>, before: State, after: State): string {
  if (message.kind === "Register") {
    const { incarnation } = after.agent.get(message.n);
    if (incarnation === before.agent.get(message.n).incarnation) return "answer that is not awaited";
    return incarnation === null ? "not registered" : `registered as ${versionText(incarnation)}`;
  }
  const was = before.job.get(message.j).kind;
  const is = after.job.get(message.j).kind;
  if (was === is) return "answer that changes nothing";
  if (message.kind === "Complete") return "completed";
  return is === "held" ? "reserved" : is === "over" ? "finished long ago" : "not reserved";
}

function fetched(i: number, before: State, after: State): Description {
  const lane = laneOf.instance(i);
  const { version } = before.instance.get(i);
  const { change, page } = after.instance.get(i);
  const since = version.epoch === 0 ? "for everything" : `what it has missed since ${versionText(version)}`;
  const answer =
    change !== null
      ? "a change is in flight to it"
      : page.version !== null
        ? "a page is in flight to it"
        : `there is nothing${moved(before, after, i)}`;
  return {
    lane,
    kind: "call",
    takes: [answerKeys.wakeUp(i)],
    words: `asks ${since}: ${answer}`,
    within: [
      { from: lane, to: laneOf.store, words: version.epoch === 0 ? "snapshot?" : `since ${versionText(version)}?` },
    ],
  };
}

function newsText({ change }: Instance): string {
  return change === null ? "nothing" : `${versionText(change.version)} ${changeText(change.change)}`;
}

/** Whether what arrived was of use. */
function moved(before: State, after: State, i: number): string {
  const was = before.instance.get(i);
  const is = after.instance.get(i);
  if (was.version !== is.version) return `, and is at ${versionText(is.version)} now`;
  const isSame = was.seen.values.every((each, n) => each === is.seen.get(n) && was.missed.get(n) === is.missed.get(n));
  return isSame ? ", and drops it" : "";
}
