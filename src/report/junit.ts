/** The report for CI servers that read JUnit: what is not held is never a passed testcase. */
import { properties } from "../check/properties.ts";
import type { Verdict } from "../check/verdict.ts";
import type { Composed } from "./compose.ts";
import type { LayerEvidence, PropertyEvidence, Violation } from "./evidence.ts";
import { reasonOf, replayCommand, verdictWords } from "./words.ts";

interface Case {
  readonly group: string;
  readonly name: string;
  readonly seconds: number;
  readonly verdict: Verdict;
  readonly message: string;
  readonly detail: readonly string[];
}

export function junitXml({ report, layers, properties }: Composed): string {
  const violations = layers.flatMap((layer) => layer.violations);
  const suites = [
    suite("layers", layers.map(layerCase)),
    suite("properties", properties.map(propertyCase)),
    ...(violations.length === 0 ? [] : [suite("violations", violations.map(violationCase))]),
  ];
  const total = (count: (one: Suite) => number) => suites.reduce((sum, one) => sum + count(one), 0);
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites name="lockproof" tests="${total((one) => one.tests)}" failures="${total((one) => one.failures)}" errors="${total((one) => one.errors)}" time="${seconds(report.duration_ms)}">`,
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
}

function suite(name: string, cases: readonly Case[]): Suite {
  const failures = cases.filter((one) => one.verdict === "violated").length;
  const errors = cases.filter((one) => one.verdict !== "violated" && one.verdict !== "held").length;
  const head = `  <testsuite name="${attribute(name)}" tests="${cases.length}" failures="${failures}" errors="${errors}">`;
  return { xml: [head, ...cases.map(caseXml), "  </testsuite>"].join("\n"), tests: cases.length, failures, errors };
}

function caseXml({ group, name, seconds, verdict, message, detail }: Case): string {
  const head = `    <testcase classname="lockproof.${attribute(group)}" name="${attribute(name)}" time="${seconds}"`;
  if (verdict === "held") return `${head}/>`;
  const tag = verdict === "violated" ? "failure" : "error";
  return [
    `${head}>`,
    `      <${tag} type="${attribute(verdict)}" message="${attribute(message)}">${text(detail.join("\n"))}</${tag}>`,
    "    </testcase>",
  ].join("\n");
}

function layerCase({ name, verdict, duration_ms, reason }: LayerEvidence): Case {
  const message = reason ?? `the ${name} layer is ${verdictWords[verdict].en}`;
  return { group: "layers", name, seconds: seconds(duration_ms), verdict, message, detail: [message] };
}

function propertyCase(property: PropertyEvidence): Case {
  const { id, verdict, tokens } = property;
  const message = `${verdictWords[verdict].en}: ${reasonOf(property)}`;
  const detail = [properties[id].claim, ...tokens.map((token) => `replay: ${replayCommand(token)}`)];
  return { group: "properties", name: `${id} ${properties[id].claim}`, seconds: 0, verdict, message, detail };
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

/** XML 1.0 has no way to write most control characters, nor a lone surrogate: they become U+FFFD. */
function text(raw: string): string {
  return raw
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("\r", "&#13;");
}

function attribute(raw: string): string {
  return text(raw).replaceAll('"', "&quot;").replaceAll("\n", "&#10;").replaceAll("\t", "&#9;");
}
