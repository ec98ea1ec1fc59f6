/** The model's side of a run: what a command makes of the world, and what later moves may refer to. */
import { firstWrongArgument } from "../../model/partition/arguments.ts";
import type { ConfigReply, Reply, Version } from "../../model/partition/command.ts";
import type { Log } from "../../model/partition/partition.ts";
import { firstWrongOfGroup, type GroupReply, groupStep } from "../../model/partition/rules/group.ts";
import { configStepAround, stepAround, type WrongType } from "../../model/partition/rules/wrong-keys.ts";
import { withoutUndefined } from "../evidence/without-undefined.ts";
import { withWholeMeta } from "./plan/meddling.ts";
import type { Resolved } from "./plan/resolve.ts";
import { partitionOf, type Target, type World, withPartition } from "./plan/world.ts";
import { firstOf, scriptOf, shownText, type WrongText } from "./plan/wrong-texts.ts";
import { withWrong, wrongOf } from "./plan/wrong-types.ts";

/** With the text that it has to show; absent where that is not compared. */
interface Refusal {
  readonly kind: "invalid";
  readonly argument: string;
  readonly found?: string;
}

export interface Advanced {
  readonly world: World;
  readonly reply: Reply | ConfigReply | GroupReply | WrongType | Refusal;
  /** Changes that took a version. */
  readonly changes: number;
  /** The wake-up of one more was published, and then its entry could not be appended. */
  readonly isWokenInVain: boolean;
  /** A new epoch began. */
  readonly began: boolean;
}

export function advance(world: World, resolved: Resolved): Advanced {
  const { target } = resolved;
  if (resolved.instead !== undefined) return { ...unmoved, world, reply: refusal(resolved, resolved.instead) };
  const wrong = new Set(wrongOf(world, target).keys());
  if (target === "cfg") {
    const {
      changes,
      isWokenInVain,
      reply,
      state,
      wrong: left,
    } = configStepAround(world.config, resolved.command, wrong);
    const after = remember({ ...withWrong(world, target, left), config: state }, target, world.config, state);
    return { world: after, reply, changes: changes.length, isWokenInVain, began: hasBegun(world.config, state) };
  }
  const before = partitionOf(world, target);
  const { command } = resolved;
  const {
    changes,
    isWokenInVain,
    reply,
    state,
    wrong: left,
  } = command.kind === "group" ? groupStep(before, command, wrong) : stepAround(before, command, wrong);
  const began = hasBegun(before, state);
  const after = remember(withPartition(withWrong(world, target, left), target, state), target, before, state);
  return {
    world: withRegistration(began ? withWholeMeta(after, target) : after, resolved, reply),
    ...{ reply, changes: changes.length, isWokenInVain, began },
  };
}

const unmoved = { changes: 0, isWokenInVain: false, began: false } as const;

/** Such a text is refused before anything is read. */
function refusal({ command }: Resolved, wrong: WrongText): Refusal {
  const script = scriptOf(command.kind);
  const argument = firstOf(script, firstWrongOf(command) ?? wrong.argument, wrong.argument);
  const found = argument === wrong.argument ? shownText(script, wrong) : undefined;
  return { kind: "invalid", argument, ...withoutUndefined({ found }) };
}

function firstWrongOf(command: Resolved["command"]): string | null {
  return command.kind === "group" ? firstWrongOfGroup(command) : firstWrongArgument(command);
}

function hasBegun(before: Log, after: Log): boolean {
  return after.meta !== null && before.meta?.epoch !== after.meta.epoch;
}

function remember(world: World, target: Target, before: Log, after: Log): World {
  if (before.meta === null || !hasBegun(before, after)) return world;
  const last = { epoch: before.meta.epoch, sequence: before.meta.sequence };
  return { ...world, ended: new Map(world.ended).set(target, [...(world.ended.get(target) ?? []), last]) };
}

function withRegistration(world: World, resolved: Resolved, reply: Advanced["reply"]): World {
  if (resolved.command.kind !== "register_node" || reply.kind !== "registered") return world;
  const { node, registration } = resolved.command;
  const incarnations: readonly Version[] = [...(world.incarnations.get(node) ?? []), reply.incarnation];
  return {
    ...world,
    tokens: new Map(world.tokens).set(node, [...(world.tokens.get(node) ?? []), registration]),
    incarnations: new Map(world.incarnations).set(node, incarnations),
  };
}
