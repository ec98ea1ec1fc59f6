/** Program: the reference scheduler as a system under test, on stdin and stdout. Started once an instance; see docs/sut-protocol.md. */
import { openReference } from "./reference-system.ts";
import { serve } from "./serve.ts";

try {
  await serve({ input: process.stdin, output: process.stdout, open: openReference });
  process.exit(0); // the harness is done, or gone: nothing has to be awaited
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
