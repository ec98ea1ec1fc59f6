import { expect, it } from "vitest";
import { readStolen, StolenTime } from "../../src/lab/stolen-time.ts";

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

it.runIf(process.platform === "linux")("is counted from the last look on", () => {
  using stolen = StolenTime.open();
  if (stolen === null) throw new Error("no /proc/stat on Linux");
  expect(stolen.look()).toBeGreaterThanOrEqual(0);
  expect(stolen.look()).toBeLessThan(10_000);
});
