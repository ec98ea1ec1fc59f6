/**
 * Prints docs/sut-matrix.md: `node test/inject/systems/examples/matrix.ts > docs/sut-matrix.md`. Each flaw runs in both languages side by side, on one seed
 * after another until it is found; nothing else should run on the machine. Names of flaws as arguments leave out the others.
 */
import { availableParallelism, loadavg } from "node:os";
import { scenarios } from "../../../../scenarios/registry.ts";
import { type Flaw, flaws } from "./flaws.ts";
import { rowOf } from "./page.ts";
import { languages } from "./prepare.ts";
import { type Found, findFlaw } from "./run.ts";

function figuresOf(flaw: Flaw, found: readonly Found[]): string {
  return found
    .map(({ runs, seconds, violated }) => {
      const also = violated.filter((id) => id !== flaw.property);
      if (!violated.includes(flaw.property)) return `not found in ${runs} runs`;
      return `${Math.round(seconds)}${runs === 1 ? "" : ` (${runs} runs)`}${also.length === 0 ? "" : `, also ${also.join(", ")}`}`;
    })
    .join(" | ");
}

const rows: string[] = [];
const asked = process.argv.slice(2);
for (const flaw of flaws.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
  const found = await Promise.all(languages.map((language) => findFlaw(language, flaw)));
  const duration = scenarios.find(({ name }) => name === flaw.scenario)?.duration ?? Number.NaN;
  rows.push(`${rowOf(flaw)} ${duration / 1_000} | ${figuresOf(flaw, found)} |`);
  process.stderr.write(`${rows.at(-1)}\n`);
}
const [load = 0] = loadavg();
process.stdout.write(`# Flaws of the examples

Reference, for authors of a scheduler that is verified in processes of its own: what the judges find with nothing but the calls of clients.

Printed by \`node test/inject/systems/examples/matrix.ts\` on ${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores, load ${load.toFixed(1)}.
\`examples/python\` and \`examples/go\` have keys and scripts of their own. With \`--flaw NAME\` they are wrong in one way.
The seconds of a language include a control run, the start of the servers, and the runs of both languages side by side.

| flaw | it | property | scenario | seconds of load | python | go |
| --- | --- | --- | --- | ---: | --- | --- |
${rows.join("\n")}
`);
