/**
 * Builds redis-server by way of redis-memory-server. A program of its own, so that a build that hangs can be ended.
 *
 * Run with the version, a folder and the SHA-256 of the source archive as arguments; prints the path of what it has built.
 * The package does not verify what it has downloaded, so its steps are called one by one.
 */

import { basename, join } from "node:path";
import { checkSha256 } from "./checksum.ts";

/** Milliseconds; the package itself has no timeout. */
const downloadTimeout = 120_000;

const [version, downloadDir, sha256] = process.argv.slice(2);
if (version === undefined || downloadDir === undefined || sha256 === undefined) {
  throw new Error("usage: build-redis VERSION FOLDER SHA256");
}
const { default: module } = await import("redis-memory-server/lib/util/RedisBinaryDownload.js");
const download = new module.default({ version, downloadDir, ignoreDownloadCache: true });
const timer = setTimeout(() => {
  process.stderr.write(`Error: the download took longer than ${downloadTimeout} ms\n`);
  process.exit(1);
}, downloadTimeout);
const archive = await download.startDownload();
clearTimeout(timer);
await checkSha256(archive, basename(archive), sha256);
await download.makeInstall(await download.extract(archive));
process.stdout.write(`${join(downloadDir, version, "redis-server")}\n`);
