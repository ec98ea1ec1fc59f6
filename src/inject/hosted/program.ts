/** Program: one hosted instance, which the harness controls over its input and output (messages.ts). */
import { Socket } from "node:net";
import { host } from "./host.ts";

// `process.stdout` writes to a pipe synchronously: a harness that does not read would block the instance's thread.
const output = new Socket({ fd: 1, readable: false, writable: true });
output.on("error", () => process.exit(0)); // the harness is gone
await host(process.stdin, output);
process.exit(0);
