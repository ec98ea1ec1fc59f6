/**
 * The report as JUnit XML for CI servers, in the form that both Jenkins (`junit-10.xsd`) and Surefire accept. Only what is held is a passed
 * testcase.
 */
import { xmlAttribute, xmlText } from "../../evidence/escape.ts";
import type { Composed } from "../document/compose.ts";
import { codeText } from "../document/identity.ts";
import { type JunitCase, type JunitSuite, junitSuites } from "./junit-cases.ts";

export function junitXml(composed: Composed): string {
  const { report } = composed;
  const suites = junitSuites(composed);
  const counts = countsOf(suites.flatMap(({ cases }) => cases));
  // The root has no count of skipped cases: Jenkins' schema does not know it there.
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites name="lockproof" tests="${counts.tests}" failures="${counts.failure}" errors="${counts.error}" time="${seconds(report.duration_ms)}">`,
    ...suites.flatMap((suite) => suiteLines(suite, report)),
    "</testsuites>",
    "",
  ].join("\n");
}

function suiteLines({ cases, name }: JunitSuite, report: Composed["report"]): readonly string[] {
  const { error, failure, skipped, tests } = countsOf(cases);
  const time = seconds(cases.reduce((sum, { duration_ms }) => sum + duration_ms, 0));
  const timestamp = report.started_at.slice(0, "2026-11-30T00:00:00".length);
  return [
    `  <testsuite name="${xmlAttribute(name)}" tests="${tests}" failures="${failure}" errors="${error}" skipped="${skipped}" time="${time}" timestamp="${xmlAttribute(timestamp)}">`,
    "    <properties>",
    ...Object.entries(propertiesOf(report)).map(
      ([key, value]) => `      <property name="${xmlAttribute(key)}" value="${xmlAttribute(value)}"/>`,
    ),
    "    </properties>",
    ...cases.flatMap(caseLines),
    "  </testsuite>",
  ];
}

function propertiesOf({ exit_code, identity, profile, seed, verdict }: Composed["report"]): Record<string, string> {
  const { version } = identity;
  return { verdict, exit_code: String(exit_code), profile, seed: String(seed), version, code: codeText(identity) };
}

type Counts = Record<"tests" | "failure" | "error" | "skipped", number>;

function countsOf(cases: readonly JunitCase[]): Counts {
  const counts: Counts = { tests: cases.length, failure: 0, error: 0, skipped: 0 };
  for (const { verdict } of cases) {
    const tag = tagOf(verdict);
    if (tag !== null) counts[tag] += 1;
  }
  return counts;
}

/** null: it passed. */
function tagOf(verdict: JunitCase["verdict"]): "failure" | "error" | "skipped" | null {
  if (verdict === "held") return null;
  if (verdict === "skipped") return verdict;
  return verdict === "violated" ? "failure" : "error";
}

function caseLines({ detail, duration_ms, group, message, name, output, verdict }: JunitCase): readonly string[] {
  const head = `    <testcase classname="lockproof.${xmlAttribute(group)}" name="${xmlAttribute(name)}" time="${seconds(duration_ms)}"`;
  const tag = tagOf(verdict);
  const printed = [...(tag === null ? detail : []), ...output].join("\n");
  const inner: string[] = [];
  if (tag === "skipped") inner.push(`      <skipped message="${xmlAttribute(message)}"/>`);
  else if (tag !== null) {
    const text = xmlText(detail.join("\n"));
    inner.push(`      <${tag} message="${xmlAttribute(message)}" type="${xmlAttribute(verdict)}">${text}</${tag}>`);
  }
  if (printed !== "") inner.push(`      <system-out>${xmlText(printed)}</system-out>`);
  return inner.length === 0 ? [`${head}/>`] : [`${head}>`, ...inner, "    </testcase>"];
}

/** Surefire's times have at most three decimals. */
function seconds(milliseconds: number): string {
  return (Math.round(milliseconds) / 1000).toFixed(3);
}
