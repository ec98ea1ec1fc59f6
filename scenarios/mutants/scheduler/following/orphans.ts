/** Mutants of what an instance says of jobs that lost their places. */
import type { SchedulerMutant } from "../mutant.ts";

type Orphans = Pick<SchedulerMutant, "id" | "origin" | "edits"> &
  Partial<Pick<SchedulerMutant, "scenario" | "simulated">>;

const mutant = (fields: Orphans): SchedulerMutant => ({ property: "O1", simulated: "random-nemesis", ...fields });

const kept = ({ find, id, origin, replace }: Record<"find" | "id" | "origin" | "replace", string>): SchedulerMutant =>
  mutant({ id, origin, simulated: "losses-kept", edits: [{ file: "following/kept-losses.ts", find, replace }] });

export const orphanMutants: readonly SchedulerMutant[] = [
  mutant({
    id: "orphan-callbacks-never",
    origin: "the callbacks are kept in a list that is never read",
    scenario: "redis-gone",
    edits: [
      {
        file: "scheduler.ts",
        find: "(callback) => callback({ ...orphans, dispatchedHere }));",
        replace: "() => dispatchedHere.length);",
      },
    ],
  }),
  mutant({
    id: "orphans-of-a-lapse-forgotten",
    origin: "only a node that goes is thought of",
    simulated: "long-jobs",
    edits: [
      {
        file: "following/orphans.ts",
        find: `      return { partition, node, jobs: change.jobs, because: "lapsed", lostAt };`,
        replace: "      return null;",
      },
    ],
  }),
  mutant({
    id: "orphans-of-a-former-incarnation-forgotten",
    origin: "a node that registers again is taken for one that runs on",
    simulated: "close-quarters",
    edits: [
      {
        file: "following/orphans.ts",
        find: "      if (change.orphaned.length === 0) return null;",
        replace: `      if (change.orphaned.length === 0 || change.kind === "registered") return null;`,
      },
    ],
  }),
  mutant({
    id: "orphans-of-the-last-change",
    origin: "callbacks are made once an answer has been applied, from the last of its changes",
    simulated: "close-quarters",
    edits: [
      {
        file: "following/follower.ts",
        find: "      if (orphans !== null) this.#losses.followed(orphans);",
        replace: "      if (orphans !== null && entry === entries.at(-1)) this.#losses.followed(orphans);",
      },
    ],
  }),
  mutant({
    id: "one-orphan-a-node",
    origin: "the node's first job is taken for all of them",
    edits: [
      {
        file: "scheduler.ts",
        find: `    this.#emit({ kind: "jobs_orphaned", ...orphans });`,
        replace: `    this.#emit({ kind: "jobs_orphaned", ...orphans });
    orphans = { ...orphans, jobs: orphans.jobs.slice(0, 1) };`,
      },
    ],
  }),
  mutant({
    id: "orphans-reported-twice",
    origin: "the callback is made when the change comes, and again when it has been applied",
    edits: [
      {
        file: "scheduler.ts",
        find: "(callback) => callback({ ...orphans, dispatchedHere }));",
        replace: `(callback) => {
      callback({ ...orphans, dispatchedHere });
      return callback({ ...orphans, dispatchedHere });
    });`,
      },
    ],
  }),
  mutant({
    id: "orphans-invented",
    origin: "every job that gives its place back is taken for lost",
    edits: [
      {
        file: "following/orphans.ts",
        find: "    default:\n      return null;",
        replace: `    case "completed":
      return { partition, node, jobs: [change.job], because: "lapsed", lostAt };
    default:
      return null;`,
      },
    ],
  }),
  mutant({
    id: "dispatched-here-all",
    origin: "all jobs of the node are taken for this instance's own",
    edits: [
      {
        file: "scheduler.ts",
        find: "    const dispatchedHere = this.#dispatcher.orphaned(orphans.node, orphans.jobs, { ...orphans, current });",
        replace: `    this.#dispatcher.orphaned(orphans.node, orphans.jobs, { ...orphans, current });
    const dispatchedHere = orphans.jobs;`,
      },
    ],
  }),
  mutant({
    id: "dispatched-here-none",
    origin: "the placement is forgotten before it is asked for",
    edits: [
      {
        file: "selection/dispatch.ts",
        find: "    const ours = jobs.filter((job) => {\n",
        replace: `    for (const job of jobs) this.#forget(job);
    const ours = jobs.filter((job) => {
`,
      },
    ],
  }),
  kept({
    id: "kept-losses-overlooked",
    origin: "jobs that were lost while the feed was not followed concern the instances that followed it",
    find: "const taken = here.filter((loss) => this.#report(orphansOf(this.#partition, loss)));",
    replace:
      'const taken = here.filter(({ version }) => this.#reported.get([version.epoch, version.sequence].join(":")) === true);',
  }),
  kept({
    id: "acknowledged-before-the-callback",
    origin: "what is read is acknowledged, and reported to whom it may concern",
    find: "const taken = here.filter((loss) => this.#report(orphansOf(this.#partition, loss)));",
    replace: "const taken = here;",
  }),
  kept({
    id: "kept-losses-reported-again",
    origin: "what is kept is reported, whether the feed has brought it or not",
    find: "    if (known !== undefined) return known;\n",
    replace: "    if (known === false) return known;\n",
  }),
  kept({
    id: "losses-of-a-former-epoch-dropped",
    origin: "what was lost in an epoch is over with it",
    find: "const here = page.losses.filter((loss) => !isAhead(loss.version, version));",
    replace:
      "const here = page.losses.filter((loss) => loss.version.epoch === version.epoch && !isAhead(loss.version, version));",
  }),
];
