/**
 * The model numbers epochs and servers, a store has ids for them: the two sets of names are matched as they appear, one to one.
 * An id that appears a second time for another epoch is the store's mistake (V1), and shows as a difference.
 */
import type { Version } from "../../../model/partition/command.ts";
import { parseVersion } from "../../redis/version.ts";
import type { Target } from "../plan/world.ts";

/** Epochs are numbered in each partition on its own, servers all together. */
type Space = Target | "server";

export interface Names {
  /** The model's number for this id. One that has none yet gets `number`, if that is still free. */
  bind(space: Space, id: string, number: number): number | undefined;
  /** `e3:17` for a version text of the store; the text as it is where its epoch has no number. */
  versionName(target: Target, text: string): string;
  /** `e3` for an epoch of the store; the text as it is where it has no number. */
  epochName(target: Target, text: string): string;
  /** The version to send for a version of the model. */
  versionOf(target: Target, version: Version): { readonly epoch: string; readonly sequence: number };
}

/** For an epoch that the store never had. */
const never = "ffffffffffffffff";
/** The number of an epoch that is not named at all. */
export const noEpoch = -1;

export function createNames(): Names {
  const numbers = new Map<string, number>();
  const ids = new Map<string, string>();
  return {
    bind(space, id, number) {
      const known = numbers.get(`${space}:${id}`);
      if (known !== undefined || ids.has(`${space}:${number}`)) return known;
      numbers.set(`${space}:${id}`, number);
      ids.set(`${space}:${number}`, id);
      return number;
    },
    versionName(target, text) {
      const version = parseVersion(text);
      const number = version && numbers.get(`${target}:${version.epoch}`);
      return version && number !== undefined ? `e${number}:${version.sequence}` : text;
    },
    epochName(target, text) {
      const number = numbers.get(`${target}:${text}`);
      return number === undefined ? text : `e${number}`;
    },
    versionOf(target, { epoch, sequence }) {
      return { epoch: epoch === noEpoch ? "" : (ids.get(`${target}:${epoch}`) ?? never), sequence };
    },
  };
}

export const modelVersionName = ({ epoch, sequence }: Version): string => `e${epoch}:${sequence}`;
