// cspell:ignore pkeyopt paramgen subj keyout addext CAcreateserial Acreateserial
/** TLS against a server with a certificate of an authority that is made here and nowhere known. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createScheduler, type EmbeddedScheduler, type SchedulerOptions } from "../../src/embed/scheduler.ts";
import { type Lab, openLab } from "../../src/lab/lab.ts";
import { freePort, loopback } from "../../src/lab/process/port.ts";
import type { RedisServer } from "../../src/lab/servers/redis.ts";
import { offer } from "./offers.ts";

const run = promisify(execFile);
let lab: Lab;
let server: RedisServer;
let port: number;
let ca: string;

beforeAll(async () => {
  lab = await openLab();
  await certify(lab.folder);
  ca = await readFile(join(lab.folder, "ca.crt"), "utf8");
  port = await freePort();
  const files = { cert: "server.crt", key: "server.key", "ca-cert": "ca.crt" };
  const args = Object.entries(files).flatMap(([option, file]) => [`--tls-${option}-file`, join(lab.folder, file)]);
  server = await lab.redis({ args: ["--tls-port", String(port), "--tls-auth-clients", "no", ...args] });
});
afterAll(() => lab.close());

/** An authority, and a certificate of it for the loopback address. */
async function certify(folder: string): Promise<void> {
  const openssl = (...args: readonly string[]) => run("openssl", [...args], { cwd: folder });
  const fresh = ["req", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  await openssl(
    ...fresh,
    "-x509",
    "-days",
    "1",
    "-subj",
    "/CN=lockproof test CA",
    "-keyout",
    "ca.key",
    "-out",
    "ca.crt",
  );
  await openssl(
    ...fresh,
    "-subj",
    "/CN=lockproof test",
    "-addext",
    `subjectAltName=IP:${loopback}`,
    "-keyout",
    "server.key",
    "-out",
    "server.csr",
  );
  await openssl(
    "x509",
    "-req",
    "-days",
    "1",
    "-in",
    "server.csr",
    "-CA",
    "ca.crt",
    "-CAkey",
    "ca.key",
    "-CAcreateserial",
    "-copy_extensions",
    "copy",
    "-out",
    "server.crt",
  );
}

async function withScheduler(
  options: SchedulerOptions,
  use: (scheduler: EmbeddedScheduler) => Promise<void>,
): Promise<void> {
  const scheduler = createScheduler(options);
  try {
    await use(scheduler);
  } finally {
    await scheduler.close();
  }
}

describe("over TLS", () => {
  it("a scheduler that trusts the authority works, subscription included", async () => {
    await withScheduler({ redis: `rediss://${loopback}:${port}`, tls: { ca } }, async (scheduler) => {
      await scheduler.start();
      expect(await scheduler.registerNode(offer("n"))).toMatchObject({ kind: "registered" });
      await expect.poll(() => scheduler.status().connected).toBe(true);
    });
  });

  it("tls alone is enough, whatever the URL says", async () => {
    await withScheduler({ redis: `redis://${loopback}:${port}`, tls: { ca } }, async (scheduler) => {
      await expect(scheduler.start()).resolves.toBeUndefined();
    });
  });

  it("one that does not trust it never gets through, and its calls say why", async () => {
    await withScheduler({ redis: `rediss://${loopback}:${port}` }, async (scheduler) => {
      scheduler.start().catch(() => {}); // goes on trying until it is closed
      await expect
        .poll(async () => (await scheduler.reserveJob("n", "j")) as object)
        .toMatchObject({ kind: "failed", cause: "disconnected", applied: "no" });
      expect(scheduler.status().mode).toBe("local_only");
      expect(await server.ask("DBSIZE")).not.toBe(":0"); // what the first test wrote; nothing was flushed
    });
  });
});
