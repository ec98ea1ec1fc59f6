/**
 * Builds redis-server by way of redis-memory-server. A program of its own, so that a build that hangs can be ended.
 *
 * Run with the version and a folder as arguments; prints the path of what it has built.
 */

const [version, downloadDir] = process.argv.slice(2);
if (version === undefined || downloadDir === undefined) throw new Error("usage: build-redis VERSION FOLDER");
const { RedisBinary } = await import("redis-memory-server");
const path = await RedisBinary.getPath({ version, downloadDir, systemBinary: "", ignoreDownloadCache: false });
process.stdout.write(`${path}\n`);
