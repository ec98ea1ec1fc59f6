/** A run that writes its history while it lasts; run by the test that kills it. Arguments: the scenario, the folder. */
import { runInject } from "../../../src/inject/run.ts";

const [scenario = "", dir = ""] = process.argv.slice(2);
const { json, verdict, violations } = await runInject({ scenario, seed: 7, dir, signal: new AbortController().signal });
process.stdout.write(
  `${JSON.stringify({ verdict, files: json["files"], violations: violations.map(({ story }) => story[0]) })}\n`,
);
