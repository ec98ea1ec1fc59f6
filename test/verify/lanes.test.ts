import { describe, expect, it } from "vitest";
import type { LayerEvidence } from "../../src/evidence/evidence.ts";
import { UsageError } from "../../src/evidence/failure.ts";
import { type GateStep, runGate } from "../../src/verify/gate.ts";
import { layer } from "../report/sample.ts";
import { plan, step, world } from "./gate-world.ts";

const held = async () => layer("conform");
const fails = (error: unknown) => async () => {
  throw error;
};

describe("a step with threads of its own", () => {
  const recording = (order: string[], name: string, until: Promise<unknown> = Promise.resolve()) =>
    step(name, async () => {
      order.push(`${name} begins`);
      await until;
      order.push(`${name} ends`);
      return layer("conform", { reason: name });
    });

  it("runs beside the others, except those like it and those that measure time; the evidence stays in order", async () => {
    const order: string[] = [];
    let before: readonly string[] = [];
    const first = Promise.withResolvers<void>();
    const steps: GateStep[] = [
      { ...recording(order, "explore one", first.promise), isBeside: true },
      { ...recording(order, "explore two"), isBeside: true },
      recording(order, "conform"),
      step("simulate", async () => {
        before = order.splice(0);
        first.resolve();
        return layer("conform", { reason: "simulate" });
      }),
      { ...recording(order, "inject"), isAlone: true },
    ];
    const evidence = await runGate(plan(steps), world().world);
    expect(before.toSorted()).toEqual(["conform begins", "conform ends", "explore one begins"]);
    expect(order).toEqual(
      ["explore one ends", "explore two begins", "explore two ends", "inject begins", "inject ends"], //
    );
    expect(evidence.slice(1).map(({ reason }) => reason)).toEqual(
      ["explore one", "explore two", "conform", "simulate", "inject"], //
    );
  });

  it("takes a step that can run in a thread where its lane is free first, and each step once", async () => {
    const ways: string[] = [];
    const begun = Promise.withResolvers<void>();
    const ended = (name: string) =>
      layer("simulate", { reason: name, verdict: name === "three" ? "violated" : "held" });
    const either = (name: string): GateStep => ({
      ...step("simulate", async () => {
        ways.push(`${name} here`);
        await begun.promise;
        return ended(name);
      }),
      name,
      async runBeside() {
        ways.push(`${name} beside`);
        if (name === "four") begun.resolve();
        return ended(name);
      },
    });
    const steps = [step("conform", held), ...["one", "two", "three", "four"].map(either)];
    const alone = { ...recording(ways, "inject"), isAlone: true } as const;
    const recorded = world();
    const evidence = await runGate(plan([...steps, alone]), recorded.world);
    // The lane of this thread has conform first, and then waits in the first step that it takes.
    expect(ways).toHaveLength(6);
    expect(ways.filter((way) => way.endsWith(" here"))).toHaveLength(1);
    expect(ways.slice(-2)).toEqual(["inject begins", "inject ends"]);
    expect(evidence.slice(2).map(({ reason }) => reason)).toEqual(["one", "two", "three", "four", "inject"]);
    expect(evidence.find(({ reason }) => reason === "three")?.verdict).toBe("violated");
  });

  it("is awaited at the end, and ends the run with a UsageError", async () => {
    const late = () => new Promise<LayerEvidence>((resolve) => setImmediate(() => resolve(layer("conform"))));
    expect(await runGate(plan([{ ...step("explore", late), isBeside: true }]), world().world)).toHaveLength(2);
    const wrong = fails(new UsageError("no such scope", { where: "--scope", fix: "another" }));
    const running = runGate(
      plan([{ ...step("explore", wrong), isBeside: true }, step("conform", held)]),
      world().world,
    );
    await expect(running).rejects.toThrow(UsageError);
  });

  it("is aborted where another step ends the run", async () => {
    let ended = false;
    const until = (_seed: number, signal: AbortSignal) =>
      new Promise<LayerEvidence>((resolve) => {
        signal.addEventListener("abort", () => {
          ended = true;
          resolve(layer("conform"));
        });
      });
    const wrong = fails(new UsageError("no such scenario", { where: "--scenario", fix: "another" }));
    const running = runGate(
      plan([{ ...step("explore", until), isBeside: true }, step("conform", wrong)]),
      world().world,
    );
    await expect(running).rejects.toThrow("no such scenario");
    expect(ended).toBe(true);
  });
});
