/** Wrong schedulers that load a partition or a configuration wrongly. */
import type { RedisMutant } from "../redis/mutant.ts";
import { mutant } from "./mutant.ts";

const follower = "following/follower.ts";
const resync = "following/resync.ts";
const configuration = "following/config-follower.ts";

export const loadingMutants: readonly RedisMutant[] = [
  mutant("progress-without-configuration", ["cold-start", "B3"], "progress is over before the configuration is read", [
    "scheduler.ts",
    "new ProgressListeners(emit, settings.partitions + 1)",
    "new ProgressListeners(emit, settings.partitions)",
  ]),
  mutant(
    "leaves-the-new-epoch",
    ["load-reported", "M1"],
    "the epoch that begins is reported as the one that was left",
    [
      follower,
      `emit({ kind: "epoch_left", partition, ...held })`,
      `emit({ kind: "epoch_left", partition, ...version })`,
    ],
  ),
  mutant("pages-stay-small", ["pages-shrink", "V2"], "after one slow page every later load is made in small ones", [
    "following/reply-size.ts",
    "this.#share = Math.min(1, 2 * this.#share);",
    "this.#share = Math.min(1, this.#share);",
  ]),
  mutant(
    "pages-that-never-end",
    ["pages-advance", "V2"],
    "a page that begins where the last one did is asked for again for ever: our own mistake",
    [
      resync,
      "return ids.find((id, index) => compareCodePoints(ids[index - 1] ?? after, id) >= 0);",
      "return ids.find((id, index) => id === after && index < 0);",
    ],
  ),
  mutant(
    "fetches-of-one-size",
    ["fetches-shrink", "V4"],
    "changes are always asked for as many at once: our own mistake",
    [follower, "size.of(settings.changesLimit)", "{ limit: settings.changesLimit }"],
  ),
  mutant(
    "former-configuration-dropped",
    ["configuration-malformed-kept", "S4"],
    "what cannot be read is taken for none",
    [
      configuration,
      'if (reply.kind === "malformed") this.#reject(reply.reason);',
      'if (reply.kind === "malformed") this.#adopt(null);',
    ],
  ),
  mutant(
    "waits-for-a-configuration",
    ["configuration-malformed-kept", "S4"],
    "nothing is current before the configuration can be read: our own mistake",
    [
      configuration,
      'if (failure.cause !== "wrong_type") return failure;',
      'if (failure.cause !== "denied") return failure;',
    ],
  ),
  mutant(
    "malformed-each-time",
    ["configuration-malformed-kept", "S4"],
    "a malformed configuration is reported with each look at it",
    [configuration, "if (reason === this.#malformed) return;", "if (reason === null) return;"],
  ),
  mutant("any-failure-shrinks-pages", ["page-given-up", "D5"], "a page is asked for again, whatever became of it", [
    resync,
    `        if (page.cause !== "deadline") return page;\n`,
    "",
  ]),
  mutant("pages-of-a-replica", ["load-of-one-moment", "V2"], "pages of one epoch are taken for pages of one server", [
    resync,
    "page.version.epoch !== first.epoch || page.version.sequence < first.sequence",
    "page.version.epoch !== first.epoch",
  ]),
  mutant("removed-between-pages", ["load-catches-up", "V2"], "a change of a node that no page had is a contradiction", [
    "view/view.ts",
    `if (known || (before === undefined && change.kind !== "registered" && sequence <= this.#pagesUntil)) {`,
    "if (known) {",
  ]),
  mutant("catches-up-elsewhere", ["load-not-explained", "V2"], "what another epoch answers is caught up with", [
    resync,
    `reply.kind === "resync" || reply.version.epoch !== view.version.epoch`,
    `reply.kind === "resync"`,
  ]),
];
