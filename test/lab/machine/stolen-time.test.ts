import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readStolen, StolenTime } from "../../../src/lab/machine/stolen-time.ts";
import { tempFolder } from "../process/temp-folder.ts";

const stat = [
  "cpu  1778800 1869 154302 1972146 1098 0 42592 39585 0 0",
  "cpu0 886218 757 76822 989949 627 0 21268 20206 0 0",
  "cpu1 892581 1111 77479 982196 470 0 21324 19379 0 0",
  "processes 12345",
].join("\n");

it("is what the host has kept of each processor, in ms, and not the sum of them", () => {
  expect(readStolen(stat)).toEqual([202_060, 193_790]);
});

it("is not read from a line that is cut off, nor from a kernel that does not count it", () => {
  expect(readStolen(stat.slice(0, stat.indexOf(" 19379")))).toEqual([202_060]);
  expect(readStolen("cpu0 1 2 3 4")).toEqual([]);
  expect(readStolen("")).toEqual([]);
});

it("is counted for each processor from the last look on, and may have accumulated since the one before", async () => {
  const file = join(await tempFolder(), "stat");
  const put = (one: number, other: number) =>
    writeFileSync(file, stat.replace(" 20206 ", ` ${20_206 + one} `).replace(" 19379 ", ` ${19_379 + other} `));
  put(0, 0);
  using stolen = StolenTime.open(1_000, file);
  if (stolen === null) throw new Error("the file is there");
  put(2, 1);
  expect(stolen.look(1_100)).toEqual([
    { processor: 0, since: 1_000, at: 1_100, lasted: 20 },
    { processor: 1, since: 1_000, at: 1_100, lasted: 10 },
  ]);
  expect(stolen.look(1_105)).toEqual([]);
  put(2, 2);
  expect(stolen.look(1_150)).toEqual([{ processor: 1, since: 1_100, at: 1_150, lasted: 10 }]);
  // Longer ago, it is not likely to have begun before.
  put(3, 2);
  expect(stolen.look(9_000)).toEqual([{ processor: 0, since: 8_500, at: 9_000, lasted: 10 }]);
  // All of it at once, and reported too late.
  put(10, 2);
  expect(stolen.look(9_005)).toEqual([{ processor: 0, since: 8_935, at: 9_005, lasted: 70 }]);
});

it("is not reported where there is no such file", () => {
  expect(StolenTime.open(0, "/nowhere/stat")).toBeNull();
});

it.runIf(process.platform === "linux")("is reported by this system for each processor", () => {
  expect(readStolen(readFileSync("/proc/stat", "utf8")).length).toBeGreaterThanOrEqual(1);
});
