/** The files that `init` writes into a repository. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf, UsageError } from "../../evidence/failure.ts";

export interface Project {
  /** The command of the scheduler, quoted as for a shell; undefined: the reference scheduler. */
  readonly sut: string | undefined;
  /** The version of this package. */
  readonly version: string;
}

/** Their paths from the folder, in order.
 * @throws UsageError where one is there already: nothing is written then
 */
export function writeProject(folder: string, project: Project): readonly string[] {
  const files = filesOf(project);
  const present = files.find(([path]) => existsSync(join(folder, path)));
  if (present !== undefined) {
    throw new UsageError(`found ${present[0]}; allowed: a folder without it`, {
      where: `lockproof init ${folder}`,
      fix: "move it away, or go on with what is there",
    });
  }
  try {
    // The first lies in the folder itself, which shows that it can be written to.
    for (const [path, text] of files) {
      if (path.includes("/")) mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text, { flag: "wx" });
    }
  } catch (error) {
    throw new UsageError(
      `found ${messageOf(error)}; allowed: a folder that is there and may be written to`,
      { where: `the folder ${folder}`, fix: "name another folder" },
      error,
    );
  }
  return files.map(([path]) => path);
}

/** Returns the commands of the workflow, in order; a developer runs the same ones first. */
export function commandsOf(version: string): readonly string[] {
  const lockproof = `npx --yes lockproof@${version}`;
  return [`${lockproof} doctor`, `${lockproof} verify --seed "$GITHUB_RUN_NUMBER"`];
}

function filesOf({ sut, version }: Project): readonly (readonly [path: string, text: string])[] {
  return [
    ["lockproof.config.ts", configText(sut)],
    ["lockproof/brief-silence.ts", scenarioText],
    [".github/workflows/lockproof.yml", recipeText(version)],
  ];
}

const configText = (sut: string | undefined): string => `import type { Config } from "lockproof/config";

export default {${sut === undefined ? "" : `\n  sut: ${JSON.stringify(sut)},`}
  scenarios: "lockproof",
} satisfies Config;
`;

const scenarioText = `import type { Scenario } from "lockproof/scenario";

/** A scenario is data. Durations are milliseconds; the seed fixes every time of the load. */
export default {
  name: "brief-silence",
  why: "A Redis that is silent for half a second gives no place twice, and loses none that was acknowledged.",
  gate: "quick",
  topology: { instances: 2, nodes: 4, maxJobsPerNode: 3, partitions: 2 },
  load: [
    { kind: "reserve", every: 40, holds: 200 },
    { kind: "heartbeat", every: 60 },
    { kind: "read", every: 10 },
  ],
  faults: [{ kind: "redis_blackhole", at: 1000, lasts: 500, bytes: "held" }],
  always: ["J1", "J2", "J4", "D4", "L1"],
  eventually: { V3: { within: 1500 }, D3: { within: 1500 } },
  duration: 4000,
} satisfies Scenario;
`;

const recipeText = (version: string): string => `name: lockproof
on: [push]
jobs:
  gate:
    runs-on: ubuntu-latest
    env:
      LOCKPROOF_CACHE: \${{ github.workspace }}/.lockproof
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 24
      - uses: actions/cache@v4
        with:
          path: .lockproof
          key: lockproof-\${{ runner.os }}-\${{ runner.arch }}
${commandsOf(version)
  .map((command) => `      - run: ${command}\n`)
  .join("")}      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: lockproof
          path: reports/latest/
`;
