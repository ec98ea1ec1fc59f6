/** The report as JUnit XML for CI servers. Only what is held is a passed testcase. */
import { properties } from "../../check/properties.ts";
import type { Verdict } from "../../check/verdict.ts";
import { xmlAttribute, xmlText } from "../../evidence/escape.ts";
import type { LayerEvidence, PropertyEvidence, RepeatEvidence, Violation } from "../../evidence/evidence.ts";
import { attemptLines, countText, reasonOf, replayCommand, verdictWords } from "../../evidence/words.ts";
import { figuresText, thresholdText } from "../checklist/figures.ts";
import type { Composed } from "../document/compose.ts";
import type { ChecklistLine, OpenItem } from "../schema.ts";

interface Case {
  readonly group: string;
  readonly name: string;
  readonly seconds: number;
  /** `skipped`: it was not asked for. */
  readonly verdict: Verdict | "skipped";
  readonly message: string;
  readonly detail: readonly string[];
}

export function junitXml({ report, layers, properties }: Composed): string {
  const violations = layers.flatMap((layer) => layer.violations);
  const whole = report.open.filter(({ kind }) => kind === "run" || kind === "shard").map(openCase);
  const repeats = layers.flatMap(({ name, repeats = [] }) => repeats.map((repeat) => repeatCase(name, repeat)));
  const suites = [
    suite("layers", layers.map(layerCase)),
    suite("properties", properties.map(propertyCase)),
    suite("checklist", report.checklist.map(lineCase)),
    ...(whole.length === 0 ? [] : [suite("whole", whole)]),
    ...(repeats.length === 0 ? [] : [suite("repeats", repeats)]),
    ...(violations.length === 0 ? [] : [suite("violations", violations.map(violationCase))]),
  ];
  const total = (count: (one: Suite) => number) => suites.reduce((sum, one) => sum + count(one), 0);
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites name="lockproof" tests="${total((one) => one.tests)}" failures="${total((one) => one.failures)}" errors="${total((one) => one.errors)}" skipped="${total((one) => one.skipped)}" time="${seconds(report.duration_ms)}">`,
    ...suites.map((one) => one.xml),
    "</testsuites>",
    "",
  ].join("\n");
}

interface Suite {
  readonly xml: string;
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
}

function suite(name: string, cases: readonly Case[]): Suite {
  const counts = { failure: 0, error: 0, skipped: 0, passed: 0 };
  for (const { verdict } of cases) counts[tagOf(verdict) ?? "passed"] += 1;
  const { error: errors, failure: failures, skipped } = counts;
  const head = `  <testsuite name="${xmlAttribute(name)}" tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="${skipped}">`;
  const xml = [head, ...cases.map(caseXml), "  </testsuite>"].join("\n");
  return { xml, tests: cases.length, failures, errors, skipped };
}

/** null: it passed. */
function tagOf(verdict: Case["verdict"]): "failure" | "error" | "skipped" | null {
  if (verdict === "held") return null;
  if (verdict === "skipped") return verdict;
  return verdict === "violated" ? "failure" : "error";
}

function caseXml({ group, name, seconds, verdict, message, detail }: Case): string {
  const head = `    <testcase classname="lockproof.${xmlAttribute(group)}" name="${xmlAttribute(name)}" time="${seconds}"`;
  const tag = tagOf(verdict);
  const text = xmlText(detail.join("\n"));
  if (tag === null && text === "") return `${head}/>`;
  if (tag === null) return [`${head}>`, `      <system-out>${text}</system-out>`, "    </testcase>"].join("\n");
  const type = tag === "skipped" ? "" : ` type="${xmlAttribute(verdict)}"`;
  return [
    `${head}>`,
    `      <${tag}${type} message="${xmlAttribute(message)}">${text}</${tag}>`,
    "    </testcase>",
  ].join("\n");
}

function layerCase({ name, verdict, duration_ms, reason }: LayerEvidence): Case {
  const message = reason ?? `the ${name} layer is ${verdictWords[verdict].en}`;
  return {
    group: "layers",
    name,
    seconds: seconds(duration_ms),
    verdict,
    message,
    detail: held(verdict) ? [] : [message],
  };
}

function held(verdict: Verdict): boolean {
  return verdict === "held";
}

function lineCase(line: ChecklistLine): Case {
  const { id, not_asked, title, verdict } = line;
  const figure = `${figuresText(line)}, threshold ${thresholdText(line.threshold)}`;
  const seen = { group: "checklist", name: `${id} ${title.en}`, seconds: 0 };
  if (not_asked !== null) return { ...seen, verdict: "skipped", message: `not asked for: ${not_asked}`, detail: [] };
  return { ...seen, verdict, message: `${verdictWords[verdict].en}: ${figure}`, detail: [figure, title.zh] };
}

/** A reason why the report is incomplete. */
function openCase({ id, kind, reason, verdict }: OpenItem): Case {
  return { group: "whole", name: `${kind} ${id}`, seconds: 0, verdict, message: reason, detail: [reason] };
}

/** A repeated scenario passes or fails with its layer; its testcase lists its runs. */
function repeatCase(layer: string, repeat: RepeatEvidence): Case {
  const name = `${repeat.scenario} in ${countText(repeat.attempts.length, "run")} on one seed (${repeat.token})`;
  return { group: `repeats.${layer}`, name, seconds: 0, verdict: "held", message: "", detail: attemptLines(repeat) };
}

function propertyCase(property: PropertyEvidence): Case {
  const { id, not_asked, verdict, tokens } = property;
  const seen = { group: "properties", name: `${id} ${properties[id].claim}`, seconds: 0 };
  if (not_asked !== undefined) {
    return { ...seen, verdict: "skipped", message: `not asked for: ${not_asked}`, detail: [] };
  }
  const message = `${verdictWords[verdict].en}: ${reasonOf(property)}`;
  const detail = held(verdict)
    ? []
    : [properties[id].claim, ...tokens.map((token) => `replay: ${replayCommand(token)}`)];
  return { ...seen, verdict, message, detail };
}

function violationCase({ property, scenario, layer, token, story }: Violation): Case {
  return {
    group: `violations.${layer}`,
    name: `${property} in ${scenario} (${token})`,
    seconds: 0,
    verdict: "violated",
    message: story[0] ?? `${property} violated`,
    detail: [...story, `replay: ${replayCommand(token)}`],
  };
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1000;
}
