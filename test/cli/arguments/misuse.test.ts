// cspell:ignore stor fishh verfy quik injekt clustr
import { describe, expect, it } from "vitest";
import { unknownWord } from "../../../src/cli/arguments/values.ts";
import { UsageError } from "../../../src/evidence/failure.ts";
import { command, conformToken } from "../terminal.ts";

describe("wrong usage ends with 64 and says what was found, where and what to do", () => {
  it.each([
    [["verfy"], /unknown command "verfy"; allowed: verify, replay/, /did you mean verify\?/],
    [["verify", "--sed", "1"], /unknown flag "--sed"/, /did you mean --seed\?/],
    [["verify", "--zzzzzzzzzzzz"], /unknown flag "--zzzzzzzzzzzz"/, /choose one of the flags/],
    [["verify", "--seed"], /option '--seed <n>' argument missing/, /see lockproof verify --help/],
    [["verify", "--seed", "-1"], /found "-1"; allowed: an integer from 0 to 4294967295/, /give --seed/],
    [["verify", "--profile", "quik"], /unknown profile "quik"; allowed: quick, full, soak/, /did you mean quick\?/],
    [["verify", "--layer", "injekt"], /unknown layer "injekt"/, /did you mean inject\?/],
    [["verify", "--property", "j1"], /unknown property "j1"/, /did you mean J1\?/],
    [["verify", "--scenario", "redis-gon"], /unknown scenario "redis-gon"/, /did you mean redis-gone\?/],
    [["inject", "--scenario", "redis_slow"], /unknown scenario "redis_slow"/, /did you mean redis-slow\?/],
    [
      ["inject", "--redis", "clustr"],
      /unknown topology "clustr"; allowed: single, replica, sentinel, cluster/,
      /cluster\?/,
    ],
    [["mutants", "--mutant", "feed"], /unknown mutant "feed"/, /choose one of the mutants/],
    [["conform", "--mutant", "feed-not-append"], /unknown mutant/, /did you mean feed-not-appended\?/],
    [
      ["inject", "--mutant", "feed-not-appended"],
      /unknown mutant "feed-not-appended"; allowed: no-read-deadline/,
      /--mutant/,
    ],
    [["verify", "--shard", "4/3"], /found "4\/3"; allowed: i\/n/, /--shard/],
    [["verify", "--budget", "soon"], /found "soon"; allowed: a duration/, /--budget/],
    [["verify", "--coverage", "absent.json"], /found no such file at absent\.json/, /vitest run --coverage/],
    [["conform", "--runs", "0"], /found "0"; allowed: an integer from 1/, /--runs/],
    [["conform", "extra"], /too many arguments/, /see lockproof conform --help/],
    [["replay"], /missing required argument 'token'/, /see lockproof replay --help/],
    [["replay", "lp1:x"], /malformed token/, /copy the whole line/],
    [
      ["replay", "lp2:conform:1:abcd"],
      /token of version lp2; this program speaks lp1/,
      /replay it with the lockproof that printed it/,
    ],
    [["replay", `${conformToken.slice(0, -1)}`], /cut off or mistyped/, /copy the whole line/],
    [
      ["bench", "--row", "heartbeats"],
      /unknown row "heartbeats"; allowed: heartbeat, pairs/,
      /did you mean heartbeat\?/,
    ],
    [["bench", "--profile", "soak"], /unknown profile "soak"; allowed: quick, full/, /choose one/],
    [["report", "absent"], /found no such file at absent; allowed is a folder/, /name a folder/],
    [["explore", "--model", "job-stor"], /unknown model "job-stor"; allowed: /, /did you mean job-store\?/],
    [["completion", "fishh"], /unknown shell "fishh"; allowed: bash, zsh, fish/, /did you mean fish\?/],
    [["open", "no-such-run"], /found no report in reports|unknown run/, /run lockproof verify first|choose one/],
  ])("lockproof %j", async (words, found, fix) => {
    const ended = await command(words);
    expect(ended).toMatchObject({ code: 64, out: "" });
    expect(ended.err).toMatch(found);
    expect(ended.err).toMatch(fix);
    expect(ended.err).toMatch(/^ {2}where: \S|at absent;/m);
    expect(ended.err).not.toMatch(/\n\s+at /);
    expect(ended.calls).toEqual({ conform: [], inject: [], bench: [] });
  });
});

describe("a run that breaks", () => {
  class LabError extends Error {
    readonly where = "--redis-server /bin/ls";
    readonly fix = "name a redis-server";
  }
  const breaks = (error: unknown) => ({ layers: { runConform: () => Promise.reject(error) } });

  it("ends with 3, its cause, where, what to do and the seed, and no stack trace", async () => {
    const { code, err } = await command(
      ["conform", "--seed", "5"],
      breaks(new LabError("found ls, allowed a redis-server")),
    );
    expect(code).toBe(3);
    expect(err).toBe(
      "broken run: found ls, allowed a redis-server\n  where: --redis-server /bin/ls\n  fix:   name a redis-server\n  seed:  5\n",
    );
  });

  it("does not repeat its message", async () => {
    const { err } = await command(
      ["conform", "--seed", "5"],
      breaks(new LabError("--redis-server /bin/ls is not one; name a redis-server")),
    );
    expect(err).toBe("broken run: --redis-server /bin/ls is not one; name a redis-server\n  seed:  5\n");
  });

  it("shows the stack with causes under LOCKPROOF_DEBUG", async () => {
    const error = new Error("outer", { cause: new Error("inner") });
    const { err } = await command(["conform"], { ...breaks(error), env: { LOCKPROOF_DEBUG: "1" } });
    expect(err).toMatch(/Error: outer\n\s+at /);
    expect(err).toMatch(/Error: inner\n\s+at /);
  });

  it("is 64 where a layer throws a UsageError", async () => {
    const { code } = await command(
      ["conform"],
      breaks(new UsageError("no scripts", { where: "--lua x", fix: "name a folder" })),
    );
    expect(code).toBe(64);
  });

  it.each([undefined, null, "text", { odd: true }])("has a message even for a thrown %j", async (thrown) => {
    expect((await command(["conform"], breaks(thrown))).code).toBe(3);
  });

  it("lets no control character through to the terminal", async () => {
    const { err } = await command(["conform"], breaks(new Error("\u001b]0;title\u0007 gone")));
    expect(err).toContain("\\x1b]0;title\\x07 gone");
  });
});

it("names at most a hundred of the words that there are, and how many more", () => {
  const known = Array.from({ length: 130 }, (_, index) => `mutant-${index}`);
  const { fix, message } = unknownWord("mutant", "日本語", known, "--mutant");
  expect(message).toMatch(/mutant-99, and 30 more$/u);
  expect(fix).toMatch(/^choose one of the mutants; docs/u);
  expect(unknownWord("mutant", "mutant-12x", known, "--mutant").fix).toBe("did you mean mutant-12?");
  expect(unknownWord("mutant", "x", known.slice(0, 100), "--mutant").message).toMatch(/mutant-99$/u);
});
