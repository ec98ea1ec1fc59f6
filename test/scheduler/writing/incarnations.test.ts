/** Which incarnation a registration replaces, and which one a heartbeat is of. */
import { describe, expect, it } from "vitest";
import { InvalidInputError } from "../../../src/scheduler/errors.ts";
import type { Settings } from "../../../src/scheduler/settings.ts";
import { idle, incarnationOf, offer, startedOn } from "../support/instance.ts";
import { ModelServer } from "../support/model-server.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

async function world(settings: Partial<Settings> = {}) {
  const clock = new VirtualClock();
  const server = new ModelServer(clock, 1);
  const instance = await startedOn(server, settings);
  const register = (node: string, more = {}) => clock.until(instance.scheduler.registerNode(offer(node, more)));
  await register("a");
  await clock.advance(3);
  return { clock, server, register, ...instance };
}

function incarnationIn(answer: { readonly kind: string; readonly incarnation?: string | null }): string {
  return answer.incarnation ?? "";
}

describe("a registration that meets another incarnation", () => {
  it("is answered conflict with that one, and replaces it when its caller says so", async () => {
    const { clock, server, scheduler, feed } = await world();
    feed.isDeaf = true;
    const other = await startedOn(server, {}, 2);
    const present = incarnationIn(await clock.until(other.scheduler.registerNode(offer("a"))));
    const unaware = await clock.until(scheduler.registerNode(offer("a")));
    expect(unaware).toMatchObject({ kind: "conflict", incarnation: present });
    const aware = await clock.until(scheduler.registerNode(offer("a", { expected: present })));
    expect(aware).toMatchObject({ kind: "registered" });
    const late = await clock.until(other.scheduler.registerNode(offer("a", { expected: null })));
    expect(late).toMatchObject({ kind: "conflict", incarnation: incarnationIn(aware) });
  });

  it("is answered null where there is no such node", async () => {
    const { clock, scheduler } = await world();
    const answer = await clock.until(scheduler.registerNode(offer("b", { expected: "0000000000000007:1" })));
    expect(answer).toMatchObject({ kind: "conflict", incarnation: null });
  });
});

describe("the incarnation of a heartbeat", () => {
  it("is taken by every instance, also by the one that registered the incarnation before", async () => {
    const { clock, server, scheduler, feed } = await world();
    feed.isDeaf = true;
    const other = await startedOn(server, {}, 2);
    const incarnation = incarnationIn(await clock.until(other.scheduler.registerNode(offer("a"))));
    for (const seq of [1, 2, 3]) {
      const beat = { node: "a", incarnation, seq, metrics: idle, running: [] };
      expect(await clock.until(scheduler.heartbeat(beat))).toMatchObject({ kind: "renewed" });
    }
  });

  it("without an incarnation is refused before anything is sent", async () => {
    const { clock, scheduler, store } = await world();
    const beat = { node: "a", seq: 1, metrics: idle, running: [] } as unknown as Parameters<
      typeof scheduler.heartbeat
    >[0];
    const refusal = await clock.until(scheduler.heartbeat(beat).catch((error: unknown) => error));
    expect(refusal).toBeInstanceOf(InvalidInputError);
    expect(String(refusal)).toContain("incarnation");
    expect(store.count("heartbeat")).toBe(0);
  });

  it("of a life that another instance has ended says so, and is not passed off as the new one (N1)", async () => {
    const { clock, server, scheduler } = await world();
    const other = await startedOn(server, {}, 2);
    const incarnation = incarnationOf(scheduler, "a");
    const present = incarnationIn(await clock.until(other.scheduler.registerNode(offer("a"))));
    await clock.advance(3);
    const beat = scheduler.heartbeat({ node: "a", incarnation, seq: 9, metrics: idle, running: [] });
    expect(await clock.until(beat)).toMatchObject({ kind: "superseded", incarnation: present });
  });
});
