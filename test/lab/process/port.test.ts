import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { freePort, isFree, onPort, PortTakenError } from "../../../src/lab/process/port.ts";

async function occupied(): Promise<number> {
  const server = createServer();
  server.listen(await freePort(), "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("a free port", () => {
  it("is free, and leaves room for a Cluster's bus below the kernel's own ports", async () => {
    const port = await freePort();
    expect(port).toBeGreaterThanOrEqual(11_000);
    expect(port + 10_000).toBeLessThan(32_768);
    await expect(isFree(port)).resolves.toBe(true);
  });

  it("is not one on which a process listens", async () => {
    await expect(isFree(await occupied())).resolves.toBe(false);
  });
});

describe("listening on a port", () => {
  it("is tried on another one when a process elsewhere was faster", async () => {
    const asked: number[] = [];
    const answer = await onPort(undefined, async (port) => {
      asked.push(port);
      if (asked.length < 3) throw new PortTakenError("a server", port);
      return port;
    });
    expect(asked).toHaveLength(3);
    expect(answer).toBe(asked[2]);
  });

  it("is not tried on another one than was asked for", async () => {
    const asked: number[] = [];
    const listening = onPort(12_345, async (port) => {
      asked.push(port);
      throw new PortTakenError("redis-server", port);
    });
    await expect(listening).rejects.toThrow("redis-server on 127.0.0.1:12345: found a port that is in use");
    expect(asked).toEqual([12_345]);
  });

  it("is given up after five lost races, and at once for any other reason", async () => {
    let races = 0;
    const losing = onPort(undefined, async (port) => {
      races += 1;
      throw new PortTakenError("a server", port);
    });
    await expect(losing).rejects.toThrow(PortTakenError);
    expect(races).toBe(5);
    const broken = onPort(undefined, async () => {
      throw new Error("no such option");
    });
    await expect(broken).rejects.toThrow("no such option");
  });
});
