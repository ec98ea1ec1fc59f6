import { parse } from "luaparse";
import { describe, expect, it } from "vitest";
import { applied, type CodeMutant } from "../../src/mutate/mutant.ts";
import { luaMutants, probeOf } from "../../src/mutate/source/lua.ts";
import { ownRoot, sourcesIn } from "../../src/mutate/source/sources.ts";

const changes = (text: string): readonly string[] =>
  luaMutants({ path: "lua/a.lua", text }).map((one) => `${one.operator}: ${applied(text, one)}`);

const mutantOf = (text: string, operator: string): CodeMutant => {
  const found = luaMutants({ path: "lua/a.lua", text }).find((one) => one.operator === operator);
  if (found === undefined) throw new Error(`no ${operator} in ${text}`);
  return found;
};

describe("the operators for Lua", () => {
  it.each([
    ["if a then b() end", "ConditionalExpression: if true then b() end"],
    ["if a then b() end", "ConditionalExpression: if false then b() end"],
    ["if a then b() end", "StatementRemoval: if a then  end"],
    ["x = a < b", "EqualityOperator: x = a <= b"],
    ["x = a < b", "EqualityOperator: x = a >= b"],
    ["x = a == b", "EqualityOperator: x = a ~= b"],
    ["x = (a) + (b)", "ArithmeticOperator: x = (a) - (b)"],
    ["x = a and b", "LogicalOperator: x = a or b"],
    ["x = not a", "UnaryOperator: x = (a)"],
    ["x = 5", "NumericLiteral: x = 6"],
    ["x = true", "BooleanLiteral: x = false"],
    ["x = 'a'", "StringLiteral: x = ''"],
    ["x = ''", "StringLiteral: x = 'lockproof'"],
    ["local x = a", "StatementRemoval: local x"],
    ["return a", "StatementRemoval: "],
  ])("change %s: %s", (text, change) => expect(changes(text)).toContain(change));

  it("change nothing in a comment", () => expect(changes("--[[ a < b ]]\n-- 5\n")).toEqual([]));

  it.each([
    ["if a then b() end", "ConditionalExpression", "if error('lockproof reached this') then b() end"],
    ["x = a < b", "EqualityOperator", "x = a  + error('lockproof reached this') +  b"],
    ["b()", "StatementRemoval", "do error('lockproof reached this') end b()"],
    ["local x = a", "StatementRemoval", "local x = error('lockproof reached this')"],
  ])("have a probe, by which a place that never runs is known: %s, %s", (text, operator, probe) => {
    expect(applied(text, probeOf(mutantOf(text, operator)))).toBe(probe);
  });

  it("make scripts of our scripts, all of them and their probes", () => {
    const scripts = sourcesIn(ownRoot(), ["lua"]).filter(({ path }) => path.endsWith(".lua"));
    expect(scripts.length).toBeGreaterThan(10);
    for (const script of scripts) {
      for (const one of luaMutants(script)) {
        for (const change of [one, probeOf(one)])
          expect(() => parse(applied(script.text, change), { luaVersion: "5.1" })).not.toThrow();
      }
    }
  });
});
