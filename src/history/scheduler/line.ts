/** Parses one line of a history of `scheduler`: a call with its request and reply, or a fault. docs/recorded-calls.md */
import { type NodeOp, type NodeOutput, outcomesOf, type Shown } from "../../check/linear/scheduler/calls.ts";
import { membersOf } from "../lines/json-shape.ts";
import { BadLine, excerpt, LineScanner } from "../lines/line-scanner.ts";
import { namesOf, readMembers } from "../lines/members.ts";
import type { Rule } from "../lines/rules.ts";
import { errorRule, knownCodes, opRule, replyRules, requestRules } from "./asked.ts";

const callFields = ["client", "call_ns", "return_ns", "request", "reply"] as const;
const faultFields = ["fault", "from_ns", "until_ns", "since_ns", "node"] as const;
type Field = (typeof callFields)[number] | (typeof faultFields)[number];
const [callShape, faultShape] = [namesOf("", callFields), namesOf("", faultFields)];
const faultMember = /"fault"[\t ]*:/;

/** A time in the file, in two exact parts; null: none. */
export interface Time {
  readonly high: number;
  readonly low: number;
}

export interface Request {
  readonly op: NodeOp;
  readonly node: string;
  readonly job?: string;
  readonly lease_ms?: number;
  readonly incarnation?: string;
  readonly seq?: number;
  readonly running?: readonly string[];
  readonly registration?: string;
  readonly expected?: string | null;
  readonly max_jobs?: number;
}

export interface Version {
  readonly epoch: string;
  readonly sequence: number;
}

/** `ok`: it was answered; `fail`: it did not happen; `info`: it may have, or may yet. */
export type Reply =
  | { readonly outcome: "fail" | "info" }
  | {
      readonly outcome: "ok";
      readonly output: NodeOutput;
      readonly version: Version | null;
      /** The oldest age that the answer may have, in ms before the call; null: it is not judged, since it may come from a cache. */
      readonly age: number | null;
    };

export type Line =
  | {
      readonly kind: "call";
      readonly client: number;
      readonly call: Time;
      readonly returned: Time | null;
      readonly request: Request;
      readonly reply: Reply;
    }
  | {
      readonly kind: "fault";
      readonly from: Time;
      readonly until: Time;
      readonly since: Time | null;
      /** null: every node. */
      readonly node: string | null;
    };

export class SchedulerLine {
  readonly #scanner = new LineScanner();
  #values = new Map<Field, number | string | object | null>();

  /** @throws BadLine */
  read(text: string, start: number, end: number): Line {
    const scanner = this.#scanner;
    scanner.begin(text, start, end);
    this.#values = new Map();
    if (!scanner.entersObject()) throw scanner.noJson();
    const isFault = faultMember.test(scanner.line);
    const { names } = isFault ? faultShape : callShape;
    readMembers(scanner, isFault ? faultShape : callShape, (index) => {
      const field = names[index] as Field;
      this.#values.set(field, this.#valueOf(field));
    });
    scanner.end();
    this.#require(isFault ? faultFields.filter((field) => field !== "node") : callFields);
    return isFault ? this.#fault() : this.#call();
  }

  #require(names: readonly Field[]): void {
    const missing = names.filter((name) => !this.#values.has(name));
    if (missing.length > 0) throw new BadLine(`${missing.join(", ")} is missing: ${excerpt(this.#scanner.line)}`);
  }

  #valueOf(field: Field): number | string | object | null {
    const scanner = this.#scanner;
    switch (field) {
      case "client": {
        const isClient = scanner.integer() && scanner.high === 0;
        if (!isClient) throw scanner.wrong("client", "an integer in digits, below 10^15");
        return scanner.low;
      }
      case "call_ns":
      case "from_ns":
      case "until_ns":
        return this.#time(field);
      case "return_ns":
      case "since_ns":
        return scanner.isNull() ? null : this.#time(field);
      case "request":
      case "reply": {
        if (field === "reply" && scanner.isNull()) return null;
        const text = scanner.object();
        if (text === null) throw scanner.wrong(field, field === "reply" ? "an object, or null" : "an object");
        return parsed(field, text);
      }
      default: {
        const value = scanner.string();
        if (value === null) throw scanner.wrong(field, "a string");
        return value;
      }
    }
  }

  #time(field: Field): Time {
    const scanner = this.#scanner;
    if (!scanner.integer()) throw scanner.wrong(field, "an integer in digits");
    return { high: scanner.high, low: scanner.low };
  }

  #fault(): Line {
    const values = this.#values;
    const node = values.has("node") ? (values.get("node") as string) : null;
    const [from, until] = [values.get("from_ns") as Time, values.get("until_ns") as Time];
    return { kind: "fault", from, until, since: values.get("since_ns") as Time | null, node };
  }

  #call(): Line {
    const values = this.#values;
    const request = checkedRequest(values.get("request") as Parsed);
    const raw = values.get("reply") as Parsed | null;
    const returned = values.get("return_ns") as Time | null;
    const reply: Reply = raw === null || returned === null ? { outcome: "info" } : replyOf(request, raw);
    // A reply is checked even where the time of its return is not known.
    if (raw !== null && returned === null) replyOf(request, raw);
    const [client, call] = [values.get("client") as number, values.get("call_ns") as Time];
    return { kind: "call", client, call, returned: reply.outcome === "ok" ? returned : null, request, reply };
  }
}

interface Parsed {
  readonly value: Readonly<Record<string, unknown>>;
  readonly members: number;
}

function parsed(field: string, text: string): Parsed {
  const members = membersOf(text, 0, text.length);
  if (members === null) throw new BadLine(`${field} is nested too deeply: ${excerpt(text)}`);
  try {
    return { value: JSON.parse(text) as Readonly<Record<string, unknown>>, members };
  } catch {
    throw new BadLine(`${field} is no JSON: ${excerpt(text)}`);
  }
}

function checkWith(rule: Rule, name: string, { members, value }: Parsed): void {
  const seen = { members: 0 };
  const wrong = rule.check(value, seen);
  if (wrong !== null) throw new BadLine(`${name}${wrong}`);
  if (seen.members !== members) throw new BadLine(`${name} has a field twice; allowed is once`);
}

function checkedRequest(raw: Parsed): Request {
  const { op } = raw.value;
  const wrong = opRule.check(op, { members: 0 });
  if (wrong !== null) {
    const fix = "leave out calls that are not about one node, and see docs/recorded-calls.md";
    throw new BadLine(`request.op${wrong}`, false, wrong.includes("did you mean") ? undefined : fix);
  }
  checkWith(requestRules[op as NodeOp], "request", raw);
  return raw.value as unknown as Request;
}

function replyOf(request: Request, raw: Parsed): Reply {
  if ("error" in raw.value) {
    checkWith(errorRule, "reply", raw);
    const { code, definite } = raw.value["error"] as { readonly code: string; readonly definite: boolean };
    return { outcome: definite && knownCodes.has(code) ? "fail" : "info" };
  }
  checkWith(replyRules[request.op], "reply", raw);
  const answer = raw.value as unknown as Answer;
  if (request.op === "get_node") {
    const wrong = contradictionIn(request.node, answer);
    if (wrong !== null) throw new BadLine(`reply ${wrong}`);
    return shownIn(answer);
  }
  const outcome = answer.outcome ?? outcomesOf[request.op][0];
  const { incarnation, version = null } = answer;
  const of = version === null ? {} : { version };
  if (request.op !== "register_node") return { outcome: "ok", output: { outcome, ...of }, version, age: 0 };
  if (incarnation === null && outcome !== "conflict") {
    throw new BadLine(`reply.incarnation is null of ${outcome}; allowed is a string`);
  }
  if (request.registration === undefined && (outcome === "already" || outcome === "superseded")) {
    const found = `${outcome} of a registration without a token; allowed is a request with registration`;
    throw new BadLine(found, false, "record request.registration, by which a retry is recognised");
  }
  return { outcome: "ok", output: { outcome, incarnation: incarnation ?? null, ...of }, version, age: 0 };
}

interface Answer {
  readonly outcome?: NodeOutput["outcome"];
  readonly incarnation?: string | null;
  readonly version?: Version;
  readonly found: boolean;
  readonly source: string;
  readonly age_ms: number | null;
  readonly stale: boolean;
  readonly status?: string;
  readonly current_jobs?: number;
  readonly max_jobs?: number;
  readonly content?: {
    readonly node?: string;
    readonly status?: string;
    readonly incarnation?: string;
    readonly current_jobs?: number;
    readonly max_jobs?: number;
  };
}

/** How the parts of an answer contradict each other, or the request; null: they do not. */
function contradictionIn(node: string, { content, found, ...rest }: Answer): string | null {
  if (content === undefined) return null;
  if (!found) return "has content, and found: false; allowed is one of them";
  if (content.node !== undefined && content.node !== node) {
    return `has the content of node ${JSON.stringify(content.node)}; allowed is that of ${JSON.stringify(node)}`;
  }
  const differs = (["status", "current_jobs", "max_jobs"] as const).find(
    (field) => rest[field] !== undefined && content[field] !== undefined && rest[field] !== content[field],
  );
  return differs === undefined ? null : `has two different ${differs}; allowed is the same in content`;
}

/** Only a reply of the store says what is so now. */
function shownIn({ age_ms: age, content, found, source, stale, ...rest }: Answer): Reply {
  const isOfStore = source === "redis" && !stale;
  const taken = content?.current_jobs ?? rest.current_jobs;
  const capacity = content?.max_jobs ?? rest.max_jobs;
  if ((taken === undefined) !== (capacity === undefined)) {
    throw new BadLine("reply has one of current_jobs and max_jobs; allowed are both, or neither");
  }
  const status = content?.status ?? rest.status;
  const incarnation = content?.incarnation;
  const shown: Shown = {
    ...(status === undefined ? {} : { status }),
    ...(incarnation === undefined ? {} : { incarnation }),
    ...(taken === undefined || capacity === undefined ? {} : { places: { taken, capacity } }),
  };
  const output: NodeOutput = found ? { outcome: "shown", shown } : { outcome: "missing" };
  return { outcome: "ok", output, version: null, age: isOfStore ? age : null };
}
