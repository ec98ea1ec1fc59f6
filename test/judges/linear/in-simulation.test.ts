import { describe, expect, it } from "vitest";
import type { Call } from "../../../src/check/history.ts";
import { judgeLinearizability } from "../../../src/judges/linear/linearizability.ts";
import { epochText } from "../../../src/simulate/servers/epoch-text.ts";
import { inSimulation } from "../../simulate/judges/in-simulation.ts";
import {
  type Asked,
  complete,
  register,
  release,
  reserve,
  Stage,
  splitAfterFailover,
} from "../../simulate/judges/stage.ts";

type Op = Call["op"];

/** Calls numbered as they are made, each with the requests that it sends. */
class Clients {
  readonly stage = new Stage(inSimulation(judgeLinearizability));
  #calls = 0;

  /** @returns its number */
  call(at: number, op: Op, { instance = 0, job = "", node = "n" } = {}): number {
    this.#calls += 1;
    this.stage.hear({ kind: "called", at, call: this.#calls, instance, op, node, job });
    return this.#calls;
  }

  answered(id: number, op: Op, from: number, to: number, parts: Partial<Call> = {}): void {
    const version = this.stage.version();
    const call: Call = {
      kind: "call",
      id,
      instance: 0,
      op,
      node: "n",
      from,
      to,
      outcome: "ok",
      reply: "",
      version,
      ...parts,
    };
    this.stage.hear({ kind: "returned", at: to, call });
  }

  /** Asked, run and answered. */
  made(at: number, asked: Asked, parts: Partial<Call> = {}): void {
    const job = "job" in asked ? asked.job : "";
    const op = asked.kind as Op;
    const id = this.call(at, op, { job });
    const request = this.stage.send(at, asked);
    const { reply } = this.stage.run(at + 1, asked, { request });
    const life = op === "register_node" ? { incarnation: this.life() } : {};
    this.answered(id, op, at, at + 2, { reply: reply.kind, ...(job === "" ? {} : { job }), ...life, ...parts });
  }

  life(): string {
    const { epoch, sequence } = this.stage.incarnation();
    return `${epochText(epoch)}:${sequence}`;
  }

  begun(): this {
    this.made(1, register());
    return this;
  }

  /** The first violation; undefined: there is none. */
  get found(): string | undefined {
    return this.stage.finish().violations[0]?.join("\n");
  }
}

describe("L1", () => {
  it("holds where every answer is true at its version, and that while the call was in flight", () => {
    const clients = new Clients().begun();
    const other = clients.call(9, "heartbeat");
    for (const [index, asked] of [reserve("a"), reserve("a"), complete("a"), complete("a"), release("a")].entries()) {
      clients.made(10 * (index + 1), asked);
    }
    clients.answered(other, "heartbeat", 9, 70, { outcome: "info", reply: "deadline" });
    expect(clients.stage.finish()).toMatchObject({ verdict: "held", exercised: 5 });
  });

  it("is not exercised where no two calls overlap", () => {
    expect(new Clients().begun().stage.finish()).toMatchObject({ verdict: "not_exercised", violations: [] });
  });

  const at = (sequence: number) => (clients: Clients) => ({ ...clients.stage.version(), sequence });

  it.each([
    ["at a version of long ago", "reserve_job", "full", at(1), /the store had gone on from that version by 11 ms/],
    [
      "as full, and the node has room",
      "reserve_job",
      "full",
      at(2),
      /the node at that version: online, incarnation \S+, jobs \{a\} of 2/,
    ],
    ["as not online, and it is", "reserve_job", "not_online", at(2), /the node at that version: online/],
    [
      "as reserved, at another's version",
      "reserve_job",
      "reserved",
      at(2),
      /at its version the node was never what this reply says, nor did it make a change/,
    ],
    ["as there already, and it is not", "reserve_job", "already", at(2), /the node at that version: online/],
    ["as unknown, and the node is there", "heartbeat", "unknown_node", at(2), /the node at that version: online/],
  ] as const)("is violated by an answer %s", (_, op, reply, version, message) => {
    const clients = new Clients().begun();
    clients.made(10, reserve("a"));
    const id = clients.call(20, op, { job: "b" });
    clients.answered(id, op, 20, 21, { job: "b", reply, incarnation: clients.life(), version: version(clients) });
    expect(clients.found).toMatch(message);
  });

  it("is violated by an answer that names a version of the future", () => {
    const clients = new Clients().begun();
    const version = { ...clients.stage.version(), sequence: 2 };
    clients.answered(clients.call(5, "reserve_job", { job: "b" }), "reserve_job", 5, 6, {
      job: "b",
      reply: "full",
      version,
    });
    clients.made(10, reserve("a"));
    expect(clients.found).toMatch(/the store never had that version/);
  });

  it.each([
    ["dispatches of one instance, the second of which joined the first", "dispatch", 0, 11, false],
    ["dispatches of one instance, which were made at the same time", "dispatch", 0, 10, false],
    ["dispatches of two instances", "dispatch", 1, 11, true],
    ["dispatches one after the other", "dispatch", 0, 20, true],
    ["reserves of one instance, which are not joined", "reserve_job", 0, 11, true],
  ] as const)("takes one change for that of one call only: %s", (_, op, instance, from, isWrong) => {
    const clients = new Clients().begun();
    const { stage } = clients;
    const first = clients.call(10, op, { job: "a", node: op === "dispatch" ? "" : "n" });
    const request = stage.send(10, reserve("a"));
    stage.run(10.5, reserve("a"), { request });
    const answer = { job: "a", reply: "reserved" };
    const end = () => clients.answered(first, op, 10, 12, answer);
    if (from > 12) end();
    const second = clients.call(from, op, { job: "a", node: op === "dispatch" ? "" : "n", instance });
    if (from <= 12) end();
    clients.answered(second, op, from, Math.max(from, 12), { ...answer, instance });
    expect(clients.found !== undefined).toBe(isWrong);
  });

  it.each([
    ["before", true],
    ["after", false],
  ])("is violated where what was denied has happened, %s the denial", (_, isEarly) => {
    const clients = new Clients().begun();
    const id = clients.call(10, "reserve_job", { job: "a" });
    const request = clients.stage.send(10, reserve("a"));
    const denial = { job: "a", outcome: "fail", reply: "busy", version: undefined as never } as const;
    if (isEarly) clients.stage.run(11, reserve("a"), { request });
    clients.answered(id, "reserve_job", 10, 12, denial);
    if (!isEarly) clients.stage.run(13, reserve("a"), { request });
    expect(clients.found).toMatch(isEarly ? /of it has made a change/ : /after its client had been answered/);
  });

  it.each([
    ["at that node", "n", false, true],
    ["at another node, and the place is still there", "m", false, true],
    ["at another node, and the place was lost again", "m", true, false],
  ])("holds a dispatch that is said not to have happened to what it did: it failed %s", (_, node, isLost, isWrong) => {
    const clients = new Clients().begun();
    const id = clients.call(10, "dispatch", { job: "a", node: "" });
    const request = clients.stage.send(10, reserve("a"));
    clients.stage.run(11, reserve("a"), { request });
    if (isLost) clients.made(12, release("a"));
    const failure = { job: "a", node, outcome: "fail", reply: "no_connection", version: undefined as never } as const;
    clients.answered(id, "dispatch", 10, 14, failure);
    expect(clients.found !== undefined).toBe(isWrong);
  });

  it("lets a call of unknown outcome take effect later", () => {
    const clients = new Clients().begun();
    const id = clients.call(10, "reserve_job", { job: "a" });
    const request = clients.stage.send(10, reserve("a"));
    clients.answered(id, "reserve_job", 10, 40, {
      job: "a",
      outcome: "info",
      reply: "deadline",
      version: undefined as never,
    });
    clients.stage.run(400, reserve("a"), { request });
    expect(clients.stage.finish().violations).toEqual([]);
  });

  it("is violated by a change that no call asked for", () => {
    const clients = new Clients().begun();
    const id = clients.call(10, "dispatch", { job: "a", node: "" });
    clients.stage.ask(11, reserve("a"));
    clients.answered(id, "dispatch", 10, 12, { job: "a", reply: "reserved" });
    expect(clients.stage.finish().violations).toEqual([]);
    clients.stage.ask(13, reserve("b"));
    expect(clients.found).toMatch(/reserved of job b on node n, happened although no call for it was in flight/);
  });

  it("is violated where an instance goes back to an epoch that it has left for another", () => {
    const clients = new Clients().begun();
    const { stage } = clients;
    const before = stage.version();
    stage.view(2, before);
    stage.promote(5, 2, stage.state());
    stage.run(6, { kind: "changes_since", since: { epoch: 1, sequence: 1 }, limit: 0 }, { server: 2 });
    stage.view(7, stage.version(2));
    const beat = { reply: "already", incarnation: clients.life() };
    clients.answered(clients.call(10, "heartbeat"), "heartbeat", 10, 11, { ...beat, version: stage.version(2) });
    clients.answered(clients.call(11, "heartbeat"), "heartbeat", 11, 12, { ...beat, version: before });
    expect(stage.finish().violations).toEqual([]);
    clients.answered(clients.call(20, "heartbeat"), "heartbeat", 20, 21, { ...beat, version: before });
    expect(clients.found).toMatch(/allowed only the epoch that this instance had gone on to/);
  });

  it("holds where an instance goes from one side of a split to the other, whichever began its epoch first", () => {
    const clients = new Clients().begun();
    const { stage } = clients;
    stage.view(2, stage.version());
    const { losing, winning } = splitAfterFailover(stage);
    const beat = { reply: "already", incarnation: clients.life() };
    stage.view(11, stage.version(losing));
    clients.answered(clients.call(12, "heartbeat"), "heartbeat", 12, 13, { ...beat, version: stage.version(losing) });
    const left = stage.version(losing);
    stage.view(21, stage.version(winning));
    clients.answered(clients.call(22, "heartbeat"), "heartbeat", 22, 23, { ...beat, version: stage.version(winning) });
    expect(stage.finish().violations).toEqual([]);
    clients.answered(clients.call(24, "heartbeat"), "heartbeat", 24, 25, { ...beat, version: left });
    expect(clients.found).toMatch(/allowed only the epoch that this instance had gone on to/);
  });

  describe("a read that Redis answered", () => {
    it.each([
      [5, undefined],
      [11, /the node was not so from 12 ms on/],
    ] as const)("shows what was true since it was asked: at %d ms older", (age_ms, message) => {
      const clients = new Clients().begun();
      const old = clients.stage.content();
      clients.made(10, reserve("a"));
      clients.stage.read(12, old, { source: "redis", to: 16, age_ms: age_ms === 5 ? 5 : 4 });
      if (message === undefined) expect(clients.found).toBeUndefined();
      else expect(clients.found).toMatch(message);
    });

    it("finds nothing where there was nothing at some moment since", () => {
      const clients = new Clients();
      clients.stage.read(0, null, { source: "redis", to: 1, age_ms: 1 });
      clients.begun();
      clients.stage.read(1, null, { source: "redis", to: 4, age_ms: 3 });
      expect(clients.found).toBeUndefined();
      clients.stage.read(3, null, { source: "redis", to: 4, age_ms: 1 });
      expect(clients.found).toMatch(/the node was there from 3 ms on/);
    });

    it("claims nothing when it is from a cache, or stale", () => {
      const clients = new Clients().begun();
      const old = clients.stage.content();
      clients.made(10, reserve("a"));
      clients.stage.read(100, old, { source: "l1" });
      clients.stage.read(100, old, { source: "redis", stale: true });
      expect(clients.found).toBeUndefined();
    });
  });
});
