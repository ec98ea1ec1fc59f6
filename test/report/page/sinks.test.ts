// cspell:ignore mheld Aalert
/** Whatever a token, the name of a folder, a profile or foreign evidence holds is shown, and controls nothing. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createOutput } from "../../../src/cli/printing/output.ts";
import { checklistLines, notHeldLines, propertyTable, repeatLines } from "../../../src/cli/printing/verdict-lines.ts";
import { fileAddress } from "../../../src/evidence/escape.ts";
import { checklistMarkdown } from "../../../src/report/checklist/markdown.ts";
import { type Composed, composeReport } from "../../../src/report/document/compose.ts";
import { annotations } from "../../../src/report/files/annotations.ts";
import { junitXml } from "../../../src/report/files/junit.ts";
import { renderPage } from "../../../src/report/page/page.ts";
import { stream } from "../../cli/terminal.ts";
import { parseXml } from "../files/xml.ts";
import { allHeld, identity, layer, meta, property, repeat, violation } from "../sample.ts";
import { hostileText, hostileTexts } from "./hostile.ts";

/** Evidence with a text in every place that can have one. */
function reportWith(text: string): Composed {
  const figures = [
    { name: text, value: 1, of: text },
    { name: "b", value: 1, threshold: 0, of: text },
  ];
  const attempts = repeat.attempts.map((attempt) => ({ ...attempt, again: text }));
  const red = layer("inject", {
    verdict: "violated",
    reason: text,
    properties: [
      property("J1", { verdict: "unknown", reason: text, tokens: [text], figures }),
      property("P1", { figures, tokens: [text] }),
    ],
    violations: [violation({ scenario: text, token: text, story: [text, text], files: [text] })],
    mutants: [
      { id: text, origin: text, layer: "conform", verdict: "killed", property: "J1", runs_to_kill: 1, token: text },
    ],
    series: [
      {
        name: text,
        scenario: text,
        kind: "mode",
        side: "fault",
        points: [
          [0, 0],
          [1, 1],
        ],
      },
    ],
    faults: [{ scenario: text, kind: text, from_ms: 0, to_ms: 1 }],
    repeats: [{ ...repeat, scenario: text, token: text, attempts }],
    steps: [
      {
        ...{ name: text, seed: 1, from_ms: 0, to_ms: 1, verdict: "violated" },
        properties: [{ id: "J1", verdict: "violated", exercised: 1 }],
      },
    ],
    explored: [{ model: text, scope: text, levels: [1, 2], complete: true }],
  });
  const environment = {
    ...meta.environment,
    platform: text,
    tools: [{ name: text, version: text, how: text, file: text }],
    merged_from: [{ run: text, seed: 1, profile: text, started_at: text, identity: { ...identity, commit: text } }],
  };
  const open = [{ kind: "shard", id: text, verdict: "unknown", cause: "missing_shard", reason: text }] as const;
  const own = { ...identity, commit: text };
  return composeReport([allHeld, red], { ...meta, profile: text, environment, identity: own, open });
}

/** Characters that must not reach a terminal: controls, invisible ones, direction marks. */
const driving = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;

function texts(): fc.Arbitrary<string> {
  const parts = [
    "::error::",
    "##[error]",
    "\u009b31m",
    "\u202e",
    "javascript:",
    "](http://x)",
    "<img src=x>",
    "`",
    "https://x",
    "@a",
  ];
  return fc.oneof(
    hostileTexts(),
    fc.array(fc.constantFrom(...parts, "a", " "), { maxLength: 8 }).map((all) => all.join("")),
  );
}

function printed(text: string, env: Readonly<Record<string, string>> = {}): readonly string[] {
  const composed = reportWith(text);
  const out = stream();
  const output = createOutput(out, out, env);
  const lines = [
    ...notHeldLines(composed),
    ...repeatLines(composed.layers),
    ...propertyTable(composed.properties, [], output),
    ...checklistLines(composed),
  ];
  for (const line of lines) output.line(line);
  output.line(text);
  output.note(text);
  return out.text.split("\n");
}

describe("a foreign text", () => {
  it("controls no terminal, neither as a line nor as JSON", () => {
    fc.assert(
      fc.property(texts(), (text) => {
        for (const line of printed(text)) expect(line).not.toMatch(driving);
        const out = stream(true);
        createOutput(out, out, {}).json({ text });
        expect(out.text.slice(0, -1)).not.toMatch(driving);
        expect(JSON.parse(out.text)).toEqual({ text });
      }),
    );
  });

  it("cannot colour itself on a terminal that has colours", () => {
    const out = stream(true);
    const output = createOutput(out, stream(true), {});
    output.line(`${output.verdict("held")} \u001b[31mheld\u001b[39m`);
    expect(out.text).toBe("\u001b[32mheld\u001b[39m \\x1b[31mheld\\x1b[39m\n");
  });

  it("gives GitHub Actions no command, and cannot end the one that it is in", () => {
    fc.assert(
      fc.property(texts(), (text) => {
        for (const line of printed(text, { GITHUB_ACTIONS: "true" })) {
          expect(line).not.toMatch(/^\s*::/);
          expect(line).not.toContain("##[");
        }
        const lines = annotations(reportWith(text));
        expect(lines).toHaveLength(annotations(reportWith("a")).length);
        for (const line of lines) expect(line).toMatch(/^::error title=[^:,\n]*::[^\n]*$/);
        for (const line of lines) expect(line).not.toMatch(driving);
      }),
    );
  });

  it("puts no tag and no address into the page", () => {
    const shape = (text: string) =>
      [...renderPage(reportWith(text)).matchAll(/<\/?[a-z!][a-z0-9]*(?: [a-z-]+=)*/gi)].map(String);
    const harmless = shape("harmless");
    fc.assert(
      fc.property(texts(), (text) => {
        const page = renderPage(reportWith(text));
        expect(shape(text)).toEqual(harmless);
        expect(page).not.toMatch(/href="(?!\.\/|#[A-Za-z0-9-]+")/);
        expect(page.replaceAll("\n", "")).not.toMatch(driving);
      }),
      { numRuns: 60 },
    );
  });

  it("puts no HTML, no link and no further cell into the checklist", () => {
    fc.assert(
      fc.property(texts(), (text) => {
        const page = checklistMarkdown(reportWith(text));
        expect(page.replaceAll("<br>", "")).not.toMatch(/</);
        expect(page).not.toMatch(/(^|[^\\])\]\(/);
        expect(page).not.toMatch(/https?:\/\//);
        expect(page.replaceAll("\n", "")).not.toMatch(driving);
        for (const row of page.split("\n").filter((line) => line.startsWith("| "))) {
          expect(row.replaceAll("\\\\", "").replaceAll("\\|", "").split("|")).toHaveLength(9);
        }
      }),
    );
  });

  it("leaves JUnit well-formed, with as many cases", () => {
    const count = (text: string) => parseXml(junitXml(reportWith(text))).attributes["tests"];
    const harmless = count("a");
    fc.assert(
      fc.property(texts(), (text) => {
        expect(count(text)).toBe(harmless);
      }),
    );
    expect(junitXml(reportWith(hostileText)).replaceAll("\n", "")).not.toMatch(driving);
  });

  it("that names a file stays a path", () => {
    expect(fileAddress("javascript:alert(1)")).toBe("./javascript%3Aalert(1)");
    expect(fileAddress("part-1/a b\ud800.json")).toBe("./part-1/a%20b%EF%BF%BD.json");
  });
});
