/** A program that looks for toxiproxy-server, says that it is about to, and prints what it got; run by the provisioning test. */

import { findToxiproxyServer } from "../../../src/lab/provide/find-toxiproxy.ts";

process.stdout.write(`${JSON.stringify(await findToxiproxyServer({ env: process.env }))}\n`);
