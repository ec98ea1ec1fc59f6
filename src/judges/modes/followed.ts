/** Whether an answer is of the store that an instance follows: not of an epoch that it has abandoned, with those before it, nor of a server that is behind it. */
import type { Version } from "../../check/history.ts";
import type { Settled } from "../event.ts";
import type { Case } from "../judge.ts";
import { isPastEpoch } from "../views/followed-epochs.ts";

export function isFollowed(
  { scene, truth }: Pick<Case, "scene" | "truth">,
  instance: number,
  partition: Settled["partition"],
  { epoch, sequence }: Version,
): boolean {
  if (typeof partition !== "number") return true;
  const view = scene.view(instance, partition);
  if (view?.epoch === epoch) return sequence >= view.sequence;
  const isPast = view !== null && isPastEpoch(truth, epoch, view.epoch) === true;
  return !isPast && !scene.lived(instance, partition).includes(epoch);
}
