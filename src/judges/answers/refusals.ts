/**
 * Part of K7: what docs/protocol.md, section 1, does not allow is refused, before anything is sent, by an error that names the argument, what was found, what
 * is allowed and what to do; and nothing else is refused.
 */
import type { Call, Millis } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import type { JudgeEvent } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";

/** Also as a system behind the line protocol says it. */
const refusal = /^(threw InvalidInputError\b|threw Error: invalid\b|invalid$)/;
/** The form of a refusal that is thrown. */
const whole = /^threw InvalidInputError: (?!undefined:)[^:]+: found .+, allowed .+; .+$/s;
/** An id takes 1 to 256 bytes. */
const mostBytes = 256;

export function judgeRefusals(theCase: Case): Judge {
  return new Refusals(theCase);
}

class Refusals implements Judge {
  readonly property = "K7";
  readonly hears = ["returned"] as const;
  readonly #case: Case;
  readonly #findings = new Findings("K7");
  #atLimits = 0;
  #refused = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
  }

  on(event: JudgeEvent): void {
    if (event.kind === "returned") this.#judge(event.call);
  }

  finish(): Judgement {
    return this.#findings.conclude({
      exercised: this.#atLimits,
      measures: [
        { name: "called_at_a_limit", value: this.#atLimits },
        { name: "refused_calls", value: this.#refused },
      ],
    });
  }

  #judge(call: Call): void {
    const { allowed, from, instance, job, node, reply, to } = call;
    if (to === null || this.#case.timing.wasAway(instance, from, to)) return;
    if (allowed !== undefined) this.#atLimits += 1;
    const mayBe = allowed ?? (isId(node) && isId(job));
    if (!refusal.test(reply)) {
      if (!mayBe)
        this.#wrong(call, `was answered ${reply}`, "a refusal: an argument is not one that the protocol allows");
      return;
    }
    this.#refused += 1;
    if (mayBe) this.#wrong(call, `was refused: ${reply}`, "an answer: its arguments are those of the protocol");
    else if (reply.startsWith("threw InvalidInputError") && !whole.test(reply))
      this.#wrong(
        call,
        `was refused by ${JSON.stringify(reply)}`,
        "the argument, what was found, what is allowed, and what to do",
      );
    else this.#judgeWait({ ...call, to });
  }

  /** Requires a refusal at once: a call that waits has asked the store. */
  #judgeWait(call: Call & { readonly to: Millis }): void {
    const { timing } = this.#case;
    const { from, instance, to } = call;
    const late = timing.ran(instance, from, to) - timing.atOnce;
    if (late <= 0) return;
    const isMarginal = timing.isMarginal(late, from, to, instance);
    const story = () =>
      storyOf(call, `was refused after ${inMs(to - from)}`, "a refusal at once, before anything is sent");
    this.#findings.late(timing.blameForCall(late, call), isMarginal, story, [call.id]);
  }

  #wrong(call: Call, found: string, allowed: string): void {
    this.#findings.violate(() => storyOf(call, found, allowed), [call.id]);
  }
}

function storyOf({ from, instance, job = "", node = "", op }: Call, found: string, allowed: string): readonly string[] {
  const about = [node, job].filter((one) => one !== "").join(" ");
  return [`${op} ${about} on instance ${instance} ${found}, allowed ${allowed}`, `asked at ${inMs(from)}`];
}

/** No character takes more than three bytes a unit, so that most ids need not be counted. */
function isId(text: string | undefined): boolean {
  if (text === undefined) return true;
  return text !== "" && (text.length * 3 <= mostBytes || Buffer.byteLength(text) <= mostBytes);
}
