/**
 * Outlives the process that opened a lab by a moment: when that process is gone, however it ended, it clears the lab's folder.
 *
 * Runs as a program with the folder as its argument and a pipe on its input. Only the owner holds the other end, and the kernel closes it even
 * after SIGKILL.
 */

import { clearLabFolder } from "./folder.ts";

const folder = process.argv[2];
if (folder !== undefined) {
  process.stdin.resume();
  process.stdin.once("close", () => clearLabFolder(folder));
}
