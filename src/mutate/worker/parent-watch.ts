/**
 * Thread: ends the process when the one that started it is gone. A mutant may hold the main thread in an endless loop, where it hears neither a signal nor
 * the end of its channel.
 */
const parent = process.ppid;
const lookEvery = 500;

setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
}, lookEvery);
