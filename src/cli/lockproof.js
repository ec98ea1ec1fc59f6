#!/usr/bin/env node
// The package's command. Plain JavaScript, so that a Node too old for the rest can still say so.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";

const oldest = [22, 18];
const brokenRun = 3;
const ownPath = fileURLToPath(import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) {
  // Node strips types in a checkout but never under node_modules: there the published JavaScript runs.
  const installed = ownPath.split(sep).includes("node_modules");
  const { main } = await import(installed ? "../../dist/src/cli/main.js" : "./main.ts");
  process.exitCode = await main(process.argv.slice(2));
} else {
  const bundled = fileURLToPath(new URL("../../node_modules/.bin/node", import.meta.url));
  if (existsSync(bundled) && process.env.LOCKPROOF_RESTARTED === undefined) {
    const env = { ...process.env, LOCKPROOF_RESTARTED: "1" };
    const child = spawn(bundled, [ownPath, ...process.argv.slice(2)], { stdio: "inherit", env });
    // Whoever ends this process by its id means the run. A terminal tells both of them by itself.
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => {});
    const [code] = await once(child, "exit");
    process.exitCode = code ?? brokenRun;
  } else {
    console.error(
      `broken run: this is Node ${process.versions.node}; lockproof needs ${oldest.join(".")} or newer\n  where: ${process.execPath}\n  fix:   install a newer Node, or run \`npm ci\` in the checkout, which brings one`,
    );
    process.exitCode = brokenRun;
  }
}
