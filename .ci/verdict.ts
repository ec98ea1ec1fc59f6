/** `node .ci/verdict.ts FOLDER CODE SINCE`: exits with 0 where verify held, or where only the load of the machine left it open. Prints the open items. */

import { visible } from "../src/evidence/escape.ts";
import { messageOf } from "../src/evidence/failure.ts";
import { readReport } from "../src/report/document/collect.ts";
import { checkMachineLoad } from "../src/report/document/machine-load.ts";

const [folder = "reports/latest", code = "", since = ""] = process.argv.slice(2);
try {
  const { lines, passes } = checkMachineLoad(await readReport(folder), { code: Number(code), since });
  for (const line of lines) process.stdout.write(`${visible(line)}\n`);
  process.exitCode = passes ? 0 : 1;
} catch (error) {
  process.stdout.write(`${visible(`no report of this run in ${folder}: ${messageOf(error)}`)}\n`);
  process.exitCode = 1;
}
