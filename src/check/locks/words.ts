/** The signs of a lock or of waiting for one: names that code may not have, and commands that it may not send. */
// cspell:ignore blmove blmpop blpop brpop brpoplpush bzmpop bzpopmax bzpopmin hsetnx msetnx mutexify redlock rwlock sema sesamecare setnx waitaof

/** Commands that block the connection, wait for others, or exist to be somebody's lock. Written in capitals here. */
const commands: ReadonlySet<string> = new Set([
  ...["SETNX", "MSETNX", "HSETNX", "WATCH", "UNWATCH", "WAIT", "WAITAOF"],
  ...["BLPOP", "BRPOP", "BRPOPLPUSH", "BLMOVE", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP"],
]);

const packages: readonly string[] = [
  ...[
    "redlock",
    "async-mutex",
    "async-lock",
    "await-lock",
    "mutexify",
    "proper-lockfile",
    "redis-lock",
    "ioredis-lock",
  ],
  ...["@sesamecare-oss/redlock", "async-sema", "semaphore", "rwlock", "live-mutex", "simple-redis-mutex"],
];

const words: ReadonlySet<string> = new Set([
  ...["lock", "locks", "locked", "locking", "locker", "lockfile", "unlock", "unlocked", "unlocks"],
  ...["mutex", "mutexes", "redlock", "semaphore", "semaphores", "spinlock", "setnx"],
]);

const calls: ReadonlySet<string> = new Set(["Atomics.wait", "Atomics.waitAsync"]);

export function isLockCommand(text: string): boolean {
  return commands.has(text.toUpperCase());
}

/** Commands whose names are everyday words: they count as commands only where they are sent. */
const everyday: ReadonlySet<string> = new Set(["WAIT", "WATCH", "UNWATCH"]);

export function isLockPackage(specifier: string): boolean {
  return packages.some((name) => specifier === name || specifier.startsWith(`${name}/`));
}

/** By whole words: `nodeLock` and `LOCK_TTL` are found, `clock` and `block` are not. */
export function isLockName(name: string): boolean {
  if (calls.has(name) || (isLockCommand(name) && !everyday.has(name.toUpperCase()))) return true;
  const parts = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(/[^A-Za-z]+/);
  return parts.some((part) => words.has(part.toLowerCase()));
}

/** A SET that takes effect only where there is nothing yet, whatever stands between. */
export function isLockingSet(command: string, rest: readonly string[]): boolean {
  return command.toUpperCase() === "SET" && rest.some((text) => text.toUpperCase() === "NX");
}
