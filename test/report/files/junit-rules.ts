/**
 * The intersection of both published schemas of JUnit XML: `junit-10.xsd` of Jenkins' xunit plugin, and `surefire-test-report.xsd` of Maven, which
 * orders the parts of a testcase and limits times to three decimals. Surefire has no root of several suites and no timestamp; Jenkins has.
 */
import type { Element } from "./xml.ts";

interface Rule {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Children in this order; the first of a pair may occur so often. */
  readonly children: readonly (readonly [name: string, most: number])[];
  readonly hasText: boolean;
}

const many = Number.POSITIVE_INFINITY;
const result: Omit<Rule, "optional" | "required"> = { children: [], hasText: true };

const rules: Readonly<Record<string, Rule>> = {
  testsuites: {
    required: [],
    optional: ["name", "time", "tests", "failures", "errors"],
    children: [["testsuite", many]],
    hasText: false,
  },
  testsuite: {
    required: ["name", "tests", "failures", "errors", "skipped"],
    optional: ["time", "timestamp"],
    children: [
      ["properties", 1],
      ["testcase", many],
    ],
    hasText: false,
  },
  properties: { required: [], optional: [], children: [["property", many]], hasText: false },
  property: { required: ["name", "value"], optional: [], children: [], hasText: false },
  testcase: {
    required: ["name", "time"],
    optional: ["classname"],
    children: [
      ["failure", many],
      ["skipped", 1],
      ["error", 1],
      ["system-out", 1],
      ["system-err", 1],
    ],
    hasText: false,
  },
  failure: { required: ["type"], optional: ["message"], ...result },
  error: { required: ["type"], optional: ["message"], ...result },
  skipped: { required: [], optional: ["message"], ...result },
  "system-out": { required: [], optional: [], ...result },
  "system-err": { required: [], optional: [], ...result },
};

const values: Readonly<Record<string, RegExp>> = {
  time: /^(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]{0,3})?$/,
  timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/,
  tests: /^\d+$/,
  failures: /^\d+$/,
  errors: /^\d+$/,
  skipped: /^\d+$/,
};

/** @returns one line for each place that a schema refuses */
export function junitFaults(root: Element): readonly string[] {
  return root.name === "testsuites" ? faultsOf(root) : [`the root is ${root.name}`];
}

function faultsOf(element: Element): readonly string[] {
  const rule = rules[element.name];
  if (rule === undefined) return [`unknown element ${element.name}`];
  const given = Object.keys(element.attributes);
  return [
    ...rule.required.filter((name) => !given.includes(name)).map((name) => `${element.name} has no ${name}`),
    ...given
      .filter((name) => !rule.required.includes(name) && !rule.optional.includes(name))
      .map((name) => `${element.name} may not have ${name}`),
    ...Object.entries(element.attributes)
      .filter(([name, value]) => values[name]?.test(value) === false)
      .map(([name, value]) => `${element.name} ${name}: ${value}`),
    ...(rule.hasText || element.text.trim() === "" ? [] : [`${element.name} holds text`]),
    ...orderFaults(element, rule),
    ...countFaults(element),
    ...element.children.flatMap(faultsOf),
  ];
}

function orderFaults({ children, name }: Element, rule: Rule): readonly string[] {
  const order = rule.children.map(([child]) => child);
  const places = children.map((child) => order.indexOf(child.name));
  const faults = children
    .filter((_, at) => places[at] === -1 || (places[at] ?? 0) < (places[at - 1] ?? 0))
    .map((child) => `${name}: ${child.name} may not stand here`);
  const often = rule.children
    .filter(([child, most]) => children.filter((one) => one.name === child).length > most)
    .map(([child]) => `${name}: too many ${child}`);
  return [...faults, ...often];
}

/** Readers show the counts of a suite beside what they count themselves. */
function countFaults({ attributes, children, name }: Element): readonly string[] {
  if (name !== "testsuite") return [];
  const cases = children.filter((child) => child.name === "testcase");
  const having = (tag: string) => cases.filter((one) => one.children.some((child) => child.name === tag)).length;
  const counted = {
    tests: cases.length,
    failures: having("failure"),
    errors: having("error"),
    skipped: having("skipped"),
  };
  return Object.entries(counted)
    .filter(([key, count]) => attributes[key] !== String(count))
    .map(([key, count]) => `testsuite ${attributes["name"]}: ${key} ${attributes[key]}, counted ${count}`);
}

export type GitLabStatus = "success" | "failed" | "error" | "skipped";

/** GitLab's reader: one test for each suite, class, name and file; a second one of the same key is dropped. */
export function readAsGitLab(root: Element): ReadonlyMap<string, GitLabStatus> {
  const read = new Map<string, GitLabStatus>();
  for (const suite of root.children) {
    for (const one of suite.children.filter(({ name }) => name === "testcase")) {
      const { classname, name } = one.attributes;
      const tags = one.children.map((child) => child.name);
      const status = tags.includes("failure")
        ? "failed"
        : tags.includes("error")
          ? "error"
          : tags.includes("skipped")
            ? "skipped"
            : "success";
      const key = [suite.attributes["name"], classname, name].join(" / ");
      if (!read.has(key)) read.set(key, status);
    }
  }
  return read;
}
