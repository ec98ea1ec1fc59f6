/** The model's side of a run: what a command makes of the world, and what later moves may refer to. */
import type { ConfigReply, Reply, Version } from "../../model/partition/command.ts";
import { type Log, step } from "../../model/partition/partition.ts";
import { configStep } from "../../model/partition/rules/config.ts";
import type { Resolved } from "./plan/resolve.ts";
import { partitionOf, type Target, type World, withPartition } from "./plan/world.ts";

export interface Advanced {
  readonly world: World;
  readonly reply: Reply | ConfigReply;
  /** Changes that took a version. */
  readonly changes: number;
  /** A new epoch began. */
  readonly began: boolean;
}

export function advance(world: World, resolved: Resolved): Advanced {
  const { target } = resolved;
  if (target === "cfg") {
    const { state, reply, changes } = configStep(world.config, resolved.command);
    const after = remember({ ...world, config: state }, target, world.config, state);
    return { world: after, reply, changes: changes.length, began: hasBegun(world.config, state) };
  }
  const before = partitionOf(world, target);
  const { state, reply, changes } = step(before, resolved.command);
  const after = remember(withPartition(world, target, state), target, before, state);
  return {
    world: withRegistration(after, resolved, reply),
    reply,
    changes: changes.length,
    began: hasBegun(before, state),
  };
}

function hasBegun(before: Log, after: Log): boolean {
  return after.meta !== null && before.meta?.epoch !== after.meta.epoch;
}

function remember(world: World, target: Target, before: Log, after: Log): World {
  if (before.meta === null || !hasBegun(before, after)) return world;
  const last = { epoch: before.meta.epoch, sequence: before.meta.sequence };
  return { ...world, ended: new Map(world.ended).set(target, [...(world.ended.get(target) ?? []), last]) };
}

function withRegistration(world: World, resolved: Resolved, reply: Reply): World {
  if (resolved.command.kind !== "register_node" || reply.kind !== "registered") return world;
  const { node, registration } = resolved.command;
  const incarnations: readonly Version[] = [...(world.incarnations.get(node) ?? []), reply.incarnation];
  return {
    ...world,
    tokens: new Map(world.tokens).set(node, [...(world.tokens.get(node) ?? []), registration]),
    incarnations: new Map(world.incarnations).set(node, incarnations),
  };
}
