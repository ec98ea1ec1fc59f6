/** `node .ci/verdict.ts FOLDER CODE SINCE`: exits with 0 where verify held, or where only the load of the machine left it open. Prints what it found, and the violations. */

import { visible } from "../src/evidence/escape.ts";
import { messageOf } from "../src/evidence/failure.ts";
import { readReport } from "../src/report/document/collect.ts";
import { checkMachineLoad } from "../src/report/document/machine-load.ts";

const [folder = "reports/latest", code = "", since = ""] = process.argv.slice(2);
try {
  const stored = await readReport(folder);
  const { lines, passes } = checkMachineLoad(stored, { code: Number(code), since });
  // The last lines of CI are all that is kept of it: they say how to replay what was found.
  const violations = stored.evidence.layers.flatMap((layer) => layer.violations);
  const replays = violations.map(
    ({ property, scenario, story, token }) =>
      `  ${property} in ${scenario}: ${story.slice(0, 4).join("; ")}; lockproof replay ${token}`,
  );
  for (const line of [...lines, ...replays]) process.stdout.write(`${visible(line)}\n`);
  process.exitCode = passes ? 0 : 1;
} catch (error) {
  process.stdout.write(`${visible(`no report of this run in ${folder}: ${messageOf(error)}`)}\n`);
  process.exitCode = 1;
}
