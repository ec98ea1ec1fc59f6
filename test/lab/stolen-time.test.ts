import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readStolen, StolenTime } from "../../src/lab/stolen-time.ts";
import { tempFolder } from "./temp-folder.ts";

const stat = [
  "cpu  1778800 1869 154302 1972146 1098 0 42592 39585 0 0",
  "cpu0 886218 757 76822 989949 627 0 21268 20206 0 0",
  "cpu1 892581 1111 77479 982196 470 0 21324 19379 0 0",
  "processes 12345",
].join("\n");

it("is what the host has kept of each processor, in ms, and not the sum of them", () => {
  expect(readStolen(stat)).toEqual([202_060, 193_790]);
});

it("is not told by a line that is cut off, nor by a kernel that does not count it", () => {
  expect(readStolen(stat.slice(0, stat.indexOf(" 19379")))).toEqual([202_060]);
  expect(readStolen("cpu0 1 2 3 4")).toEqual([]);
  expect(readStolen("")).toEqual([]);
});

it("is counted from the last look on, of the processor that was kept for longest", async () => {
  const file = join(await tempFolder(), "stat");
  writeFileSync(file, stat);
  using stolen = StolenTime.open(file);
  writeFileSync(file, stat.replace(" 20206 ", " 20208 ").replace(" 19379 ", " 19382 "));
  expect(stolen?.look()).toBe(30);
  expect(stolen?.look()).toBe(0);
});

it("is not told where there is no such file", () => {
  expect(StolenTime.open("/nowhere/stat")).toBeNull();
});

it.runIf(process.platform === "linux")("is told by this system of each processor", () => {
  expect(readStolen(readFileSync("/proc/stat", "utf8")).length).toBeGreaterThanOrEqual(1);
});
