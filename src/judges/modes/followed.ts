/** Whether an answer is of the store that an instance follows: not of an epoch that it has abandoned, nor of a server that is behind it. */
import type { Version } from "../../check/history.ts";
import type { Settled } from "../event.ts";
import type { Scene } from "../scene.ts";

export function isFollowed(
  scene: Scene,
  instance: number,
  partition: Settled["partition"],
  { epoch, sequence }: Version,
): boolean {
  if (typeof partition !== "number") return true;
  const view = scene.view(instance, partition);
  if (view === null || epoch !== view.epoch) return !scene.lived(instance, partition).includes(epoch);
  return sequence >= view.sequence;
}
