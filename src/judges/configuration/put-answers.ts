/**
 * The answers to `put_config` follow from one configuration under compare-and-set: a version of an epoch is made by one put, the versions grow in real-time
 * order, `already` names a version with the same content, and `conflict` one that its client did not expect. Overlapping puts may explain each other, and one
 * without an answer may have been stored. It needs the calls of all clients and nothing else; the store's runs are compared where they are observed.
 */
import { type Call, type Configuration, type Millis, type Version, versionText } from "../../check/history.ts";
import { inMs } from "../../check/judgement.ts";
import { keepsTheStore } from "../clients/keeps-the-store.ts";
import type { FaultStep } from "../event.ts";
import type { Case } from "../judge.ts";
import { isDenied } from "../linear/replies/replies.ts";

/** A client whose request is sent again has waited for an answer to the first one. */
const repeatTakes: Millis = 10;

/** Faults by which two servers may answer at a time. */
const replacing: ReadonlySet<string> = new Set(["redis_failover", "redis_split_brain", "redis_former_primary"]);

interface Put {
  readonly call: Call;
  /** Infinity: it was not answered. */
  readonly to: Millis;
  /** Undefined: it was not answered, or names none. */
  readonly version: Version | undefined;
  /** The life of its instance. */
  readonly life: string;
  /** It may have stored its configuration without an answer that says so. */
  readonly mayHaveStored: boolean;
}

/** One that was answered with a version. */
type Answered = Put & { readonly version: Version };

export interface PutOptions {
  /** With a message, and the calls that show it. */
  readonly violate: (story: () => readonly string[], calls: readonly number[]) => void;
  /** Each change takes the next sequence, and nothing else takes one, as docs/protocol.md says. Else they only grow, and no epoch shows a loss of data. */
  readonly areCounted: boolean;
}

export class PutAnswers {
  readonly #case: Pick<Case, "scene" | "truth">;
  readonly #options: PutOptions;
  readonly #puts: Put[] = [];
  /** By instance: how often it has crashed. */
  readonly #crashes = new Map<number, number>();
  #isReplaced = false;
  #mayRepeat = false;
  /** Since when the store may have lost what it held. */
  #lostAt: Millis = Number.POSITIVE_INFINITY;

  constructor(theCase: Pick<Case, "scene" | "truth">, options: PutOptions) {
    this.#case = theCase;
    this.#options = options;
  }

  fault({ at, instance, name, step }: FaultStep): void {
    if (step !== "inject") return;
    if (name === "instance_crash" && instance !== null)
      this.#crashes.set(instance, (this.#crashes.get(instance) ?? 0) + 1);
    this.#isReplaced ||= replacing.has(name);
    this.#mayRepeat ||= name === "command_repeated";
    if (!keepsTheStore.has(name)) this.#lostAt = Math.min(this.#lostAt, at);
  }

  returned(call: Call): void {
    const { from, instance, outcome, reply, version } = call;
    const to = call.to ?? Number.POSITIVE_INFINITY;
    if (call.op !== "put_config" || (to >= this.#lostAt && !this.#options.areCounted)) return;
    const isAnswered = outcome === "ok" && call.to !== null;
    const isRepeated = this.#mayRepeat || to - from >= repeatTakes || this.#case.scene.wasTroubled(instance, from);
    const mayHaveStored = isAnswered ? reply === "already" && isRepeated : !isDenied(call);
    if (isAnswered || mayHaveStored)
      this.#puts.push({
        call,
        to,
        version: isAnswered ? version : undefined,
        life: this.#lifeOf(instance),
        mayHaveStored,
      });
    if (isAnswered && this.#case.truth.run({ ...call, to }) === null)
      this.#found(call, "the store has run no put_config with that answer meanwhile", [call]);
  }

  #lifeOf(instance: number): string {
    return `${instance} ${this.#crashes.get(instance) ?? 0}`;
  }

  /** Once, after the last call. @returns how many answers were compared */
  finish(): number {
    const answered = this.#puts.filter((put): put is Answered => put.version !== undefined);
    for (const put of this.#puts) if (put.version === undefined) this.#judgeUnversioned(put);
    for (const [epoch, own] of Map.groupBy(answered, ({ version }) => version.epoch)) {
      const made = Map.groupBy(own.filter(isStored), ({ version }) => version.sequence);
      this.#judgeOrder(own);
      this.#judgeMakers(epoch, own, made);
      for (const put of own) this.#judgeAnswer(put, made);
    }
    this.#judgeEpochs(answered);
    return answered.length;
  }

  /** Only a conflict may say that no configuration is stored, before one certainly is. */
  #judgeUnversioned({ call, to }: Put): void {
    if (to === Number.POSITIVE_INFINITY || call.outcome !== "ok") return;
    const { from, reply } = call;
    if (reply !== "conflict") this.#found(call, "it names no version, and one is stored", [call]);
    else if (call.expected === null) this.#found(call, "none is stored, as its client expected", [call]);
    else {
      const before = this.#puts.find((put) => put.version !== undefined && isStored(put) && put.to < from);
      if (before !== undefined && to < this.#lostAt)
        this.#found(call, "it names no version, although one had been stored", [before.call, call]);
    }
  }

  /** A version that is shown is followed by none below it, and one that is stored is above all that were shown before. */
  #judgeOrder(own: readonly Answered[]): void {
    const ended = [...own].sort((one, other) => one.to - other.to);
    let [index, last]: [number, Answered | undefined] = [0, undefined];
    for (const put of [...own].sort((one, other) => one.call.from - other.call.from)) {
      for (let next = ended[index]; next !== undefined && next.to < put.call.from; next = ended[index]) {
        if (last === undefined || next.version.sequence > last.version.sequence) last = next;
        index += 1;
      }
      if (last === undefined) continue;
      const least = last.version.sequence + (isStored(put) ? 1 : 0);
      if (put.version.sequence < least)
        this.#found(put.call, `allowed is sequence ${least} or a later one, after the answer before it`, [
          last.call,
          put.call,
        ]);
    }
  }

  /** Each version was stored by one put. Where sequences are counted, so was each one below it. */
  #judgeMakers(epoch: string, own: readonly Answered[], made: ReadonlyMap<number, readonly Answered[]>): void {
    for (const [, makers] of made) {
      const calls = makers.map(({ call }) => call);
      if (calls.length > 1)
        this.#found(calls.at(-1) as Call, "another put was answered that it stored this version", calls);
    }
    const used = new Set<Put>();
    const shown = own.map(({ version }) => version.sequence);
    const last = Math.max(...shown);
    const counted = this.#options.areCounted;
    const all = counted ? numbersTo(last) : [...new Set(shown)].sort((one, other) => one - other);
    for (const sequence of all) {
      if (made.has(sequence)) continue;
      const later = own.filter(({ version }) => version.sequence >= sequence);
      const first = later.reduce((one, other) => (other.to < one.to ? other : one));
      const same = later.filter(({ call, version }) => call.reply === "already" && version.sequence === sequence);
      const maker = this.#puts.find(
        (put) =>
          put.mayHaveStored &&
          !used.has(put) &&
          put.call.from <= first.to &&
          (!counted || followsCounted(put.call, { epoch, sequence })) &&
          same.every(({ call }) => isSame(call, put.call)),
      );
      if (maker === undefined) {
        this.#found(first.call, `no put can have stored ${versionText({ epoch, sequence })}`, [first.call]);
        return;
      }
      used.add(maker);
    }
  }

  #judgeAnswer(put: Answered, made: ReadonlyMap<number, readonly Answered[]>): void {
    const { call, version } = put;
    const counted = this.#options.areCounted;
    switch (call.reply) {
      case "stored":
        this.#judgeExpected(put, made);
        break;
      case "conflict":
        if (call.expected === versionText(version)) this.#found(call, "its client expected that version", [call]);
        else if (counted && version.sequence === 0 && call.expected === null && !this.#wasStored(put))
          this.#found(call, "its client expected none, and none can have been stored", [call]);
        break;
      default: {
        const [maker] = made.get(version.sequence) ?? [];
        if (maker !== undefined && !isSame(maker.call, call))
          this.#found(call, "that version has another content", [maker.call, call]);
        if (counted && version.sequence === 0 && !this.#wasStored(put, call))
          this.#found(call, "no put can have stored its content before", [call]);
      }
    }
  }

  /** Compare-and-set: a version follows the one that its client expected. */
  #judgeExpected({ call, version }: Answered, made: ReadonlyMap<number, readonly Answered[]>): void {
    const { expected } = call;
    if (expected === undefined) return;
    const { epoch, sequence } = version;
    if (this.#options.areCounted) {
      if (!followsCounted(call, version))
        this.#found(call, `its client expected ${expected ?? "none"}, allowed is the version before`, [call]);
      return;
    }
    const [former, after] = splitVersion(expected);
    const since = former === epoch ? after : Number.NEGATIVE_INFINITY;
    for (const [other, [maker]] of made)
      if (other > since && other < sequence && maker !== undefined)
        this.#found(call, `its client expected ${expected ?? "none"}, and another was stored since`, [
          maker.call,
          call,
        ]);
  }

  /** Whether some put may have been stored by the end of another. @param like only those with the same content */
  #wasStored({ call, to }: Answered, like?: Call): boolean {
    return this.#puts.some(
      (put) =>
        (put.mayHaveStored || isStored(put)) &&
        (put.call.id !== call.id || put.mayHaveStored) &&
        put.call.from <= to &&
        (like === undefined || isSame(put.call, like)),
    );
  }

  /** An epoch that was left does not come back. Two servers may answer in epochs of their own. */
  #judgeEpochs(answered: readonly Answered[]): void {
    const groups = this.#isReplaced ? Map.groupBy(answered, ({ life }) => life).values() : [answered];
    for (const group of groups) {
      const epochs = [...Map.groupBy(group, ({ version }) => version.epoch)].map(([epoch, own]) => ({
        epoch,
        first: own.reduce((one, other) => (other.to < one.to ? other : one)),
        last: own.reduce((one, other) => (other.call.from > one.call.from ? other : one)),
      }));
      for (const { call, to, version } of group)
        for (const { epoch, first, last } of epochs)
          if (epoch !== version.epoch && first.to < call.from && last.call.from > to)
            this.#found(call, `epoch ${epoch} was answered before and after it`, [first.call, call, last.call]);
    }
  }

  #found(call: Call, why: string, calls: readonly Call[]): void {
    this.#options.violate(
      () => [`${putText(call)}: ${why}`, ...calls.filter((one) => one !== call).map((other) => `  ${putText(other)}`)],
      calls.map(({ id }) => id),
    );
  }
}

function isStored({ call, to }: Put): boolean {
  return call.reply === "stored" && call.outcome === "ok" && to !== Number.POSITIVE_INFINITY;
}

/** Whether a put may have stored a version: the one before it is what its client expected. */
function followsCounted({ expected }: Call, { epoch, sequence }: Version): boolean {
  if (expected === undefined) return true;
  const [former, before] = splitVersion(expected);
  return former === epoch ? before === sequence - 1 : sequence === 1;
}

function splitVersion(text: string | null): readonly [string | null, number] {
  if (text === null) return [null, 0];
  const end = text.lastIndexOf(":");
  return [text.slice(0, end), Number(text.slice(end + 1))];
}

function* numbersTo(last: number): Generator<number> {
  for (let number = 1; number <= last; number += 1) yield number;
}

function isSame({ configuration: one }: Call, { configuration: other }: Call): boolean {
  return one === undefined || other === undefined || contentText(one) === contentText(other);
}

/** Lists of services and pairs are sets. */
function contentText({ enabled, fallback_scan_all_pools, hash_seed, pools }: Configuration): string {
  const asSet = (list: readonly string[]): readonly string[] => [...new Set(list)].sort();
  const all = pools.map(({ id, language_pairs, required_services }) => [
    id,
    asSet(required_services),
    asSet(language_pairs.map(({ source, target }) => `${source}:${target}`)),
  ]);
  return JSON.stringify([enabled, fallback_scan_all_pools, hash_seed, all]);
}

function putText({ expected, from, instance, reply, to, version }: Call): string {
  const asked = expected === undefined ? "" : ` after ${expected ?? "none"}`;
  const at = version === undefined ? "no version" : versionText(version);
  return `put_config${asked} by instance ${instance}, asked at ${inMs(from)}, answered ${reply} with ${at} at ${inMs(to ?? Number.POSITIVE_INFINITY)}`;
}
