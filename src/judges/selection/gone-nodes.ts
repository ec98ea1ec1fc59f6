/**
 * N2: a caught-up instance in `normal` never selects a node later than the staleness bound after its offline or expiry; and no instance ever selects
 * one that its own view has seen go.
 */
import { type Call, type Millis, type NodeContent, type Version, versionText } from "../../check/history.ts";
import { inMs, type Judgement } from "../../check/judgement.ts";
import { suits } from "../../check/suitable.ts";
import type { Changed, JudgeEvent } from "../event.ts";
import { Findings } from "../findings.ts";
import type { Case, Judge } from "../judge.ts";
import type { EpochLine, HeldNode, LineEntry } from "../truth.ts";

/** That a node went, and where the changes of its partition tell of it; 0: it was gone when the epoch began. */
interface Went {
  readonly line: EpochLine;
  readonly sequence: number;
  /** It was seen to have gone; and the earliest moment at which it may have, where the observer was late. */
  readonly at: Millis;
  readonly since: Millis;
}

/** A node that has gone, and until when. */
interface Going extends Went {
  /** As it was before, as far as that is known. */
  readonly offer: HeldNode | null | undefined;
  readonly incarnation: string | undefined;
  until: Millis;
}

/** The selections of one instance. */
interface Chooser {
  /** Goings that no selection of it has come after which would have been met by the node, in order. */
  pending: Going[];
  /** Goings that a selection came after, and when it was asked for. */
  readonly followed: { readonly going: Going; readonly from: Millis }[];
  /** Whether it has selected anything that the store had; if not, it may never have selected the node either. */
  hasChosen: boolean;
}

export function judgeGoneNodes(theCase: Case): Judge {
  return new GoneNodes(theCase);
}

class GoneNodes implements Judge {
  readonly property = "N2";
  readonly hears = ["change", "called", "returned"] as const;
  readonly operations = ["select_nodes"] as const;
  readonly #case: Case;
  readonly #findings = new Findings("N2");
  readonly #choosers: readonly Chooser[];
  /** Node -> the last of its goings, while it is away; and all of them. */
  readonly #away = new Map<string, Going>();
  readonly #goings = new Map<string, Going[]>();
  /** Call -> the views of its instance when it was made. */
  readonly #glances = new Map<number, readonly (Version | null)[]>();
  #judged = 0;
  #latest: Millis = 0;

  constructor(theCase: Case) {
    this.#case = theCase;
    const chooser = (): Chooser => ({ pending: [], followed: [], hasChosen: false });
    this.#choosers = Array.from({ length: theCase.instances }, chooser);
  }

  on(event: JudgeEvent): void {
    if (event.kind === "change") this.#changed(event);
    else if (event.kind === "called") this.#glances.set(event.call, this.#case.scene.views(event.instance));
    else if (event.kind === "returned") this.#returned(event.call);
  }

  finish(): Judgement {
    const { staleness } = this.#case.bounds;
    const choosing = this.#choosers.filter(({ hasChosen }) => hasChosen);
    return this.#findings.conclude({
      // One that the node may have been back for counts no longer, though the observer saw later that it was.
      exercised: choosing.flatMap(({ followed }) => followed.filter(({ from, going }) => from < going.until)).length,
      judged: this.#judged,
      open: "later by no more than the instance was kept from running",
      measures: [
        {
          name: "selected_after_going_ms_max",
          value: this.#latest,
          ...(this.#findings.isSettled ? { threshold: staleness } : {}),
        },
      ],
    });
  }

  #changed({ at, after = at, entry, line }: Changed): void {
    const { kind, node, record, sequence } = entry;
    if (kind === "registered") {
      const going = this.#away.get(node);
      if (going !== undefined) going.until = after;
      this.#away.delete(node);
    } else if (kind === "offline" || kind === "expired") {
      const offer = line.at(node, sequence - 1);
      const incarnation = (record ?? offer)?.incarnation;
      const going = {
        line,
        sequence,
        at,
        since: this.#earliest(entry),
        offer,
        incarnation,
        until: Number.POSITIVE_INFINITY,
      };
      this.#away.set(node, going);
      const own = this.#goings.get(node);
      if (own === undefined) this.#goings.set(node, [going]);
      else own.push(going);
      for (const chooser of this.#choosers) chooser.pending.push(going);
    }
  }

  #returned(call: Call): void {
    const { from, id, instance, reply, selected = [], to } = call;
    const views = this.#glances.get(id) ?? this.#case.scene.views(instance);
    this.#glances.delete(id);
    if (to === null || this.#case.timing.wasAway(instance, from, to)) return;
    if (reply === "normal") this.#follow(call, to);
    for (const node of selected) {
      if (reply === "normal") this.#judged += 1;
      const went = this.#wentAt(instance, node, to);
      if (went === null) continue;
      this.#judgeKnown(call, node, went, views[went.line.partition] ?? null);
      if (reply === "normal") this.#judgeLate(call, node, went);
    }
  }

  #judgeKnown({ from, id, instance }: Call, { node, version }: NodeContent, went: Went, view: Version | null): void {
    const { at, line, sequence } = went;
    if (view === null || view.epoch !== line.epoch || view.sequence < sequence) return;
    this.#findings.violate(
      () => [
        `instance ${instance} selected node ${node}, which had left by its own view, allowed only one that is online there`,
        `selected at ${inMs(from)} as of version ${versionText(version)}, its view was at ${versionText(view)}; it went at ${inMs(at)}, sequence ${sequence}`,
      ],
      [id],
    );
  }

  #judgeLate({ from, id, instance }: Call, { node, version }: NodeContent, went: Went): void {
    const { bounds, scene, timing } = this.#case;
    const { at, line, sequence } = went;
    // If the node went while the instance was away, or changed servers, it may learn of that once it is back.
    const reachable = scene.reachableSince(instance, line.partition);
    const since = Math.max(at, reachable, timing.presentSince(instance, from));
    const late = timing.ran(instance, since, from);
    this.#latest = Math.max(this.#latest, late);
    if (late <= bounds.staleness) {
      const earliest = Math.max(went.since, reachable, timing.presentSince(instance, from));
      if (timing.ran(instance, earliest, from) > bounds.staleness) this.#findings.unseen();
      return;
    }
    const story = (): readonly string[] => [
      `instance ${instance} selected node ${node} ${inMs(late)} after it had gone, allowed ${inMs(bounds.staleness)}`,
      `selected at ${inMs(from)} in normal as of version ${versionText(version)}; it went at sequence ${sequence}, seen at ${inMs(at)}, ${timing.waitText(instance, since, from)}`,
    ];
    this.#findings.late(timing.blame(late - bounds.staleness, since, from, instance), false, story, [id]);
  }

  /** Counts nodes still gone, for longer than the bound, that would have suited a request: its selection could have been wrong. */
  #follow({ asked, from, instance, selected = [] }: Call, to: Millis): void {
    const chooser = this.#choosers[instance];
    if (chooser === undefined) return;
    if (chooser.hasChosen && chooser.pending.length === 0) return;
    if (selected.some(({ version }) => !this.#isHeld(version, to))) return;
    if (selected.length > 0) chooser.hasChosen = true;
    const { bounds, truth } = this.#case;
    chooser.pending = chooser.pending.filter((going) => {
      if (going.until <= from) return false;
      if (going.at + bounds.staleness >= from) return true;
      const { epoch, partition } = going.line;
      if (truth.followedBy(instance, partition, from)?.epoch !== epoch) return true;
      // Whether a request without a pool would have met it is up to the configuration in force.
      if (asked !== undefined && !(asked.pool !== undefined && going.offer && suits(going.offer, asked))) return true;
      chooser.followed.push({ going, from });
      return false;
    });
  }

  #isHeld(version: Version, at: Millis): boolean {
    return this.#case.truth.standing(version, Number.NEGATIVE_INFINITY, at) !== "never";
  }

  /** When the node first went after it was as it was shown, in the epoch that the instance ought to follow; null: it has not, as far as is known. */
  #wentAt(instance: number, shown: NodeContent, at: Millis): Went | null {
    const { truth } = this.#case;
    const { incarnation, node, version } = shown;
    const own = truth.line(version.epoch);
    const epoch = own && truth.followedBy(instance, own.partition, at)?.epoch;
    const line = epoch === undefined ? undefined : truth.line(epoch);
    if (own === undefined || line === undefined) return this.#goneLife(shown, at);
    const went = this.#firstGoing(own, node, version.sequence);
    if (line === own) return went ?? this.#goneLife(shown, at);
    const found = line.base.get(node);
    // It lives on in an epoch that had not seen it go.
    if (found?.incarnation === incarnation && found.status === "online") return this.#firstGoing(line, node, 0);
    const wasFound = found?.status === "online" || line.follows === undefined;
    return (
      went ??
      (wasFound
        ? null
        : { line, sequence: 0, at: line.begunAt, since: this.#earliest({ at: line.begunAt, since: line.begunSince }) })
    );
  }

  /** A life that has gone does not come back in its epoch, whatever version it is shown at; nor under a version that the store never had. */
  #goneLife({ incarnation, node, version }: NodeContent, at: Millis): Went | null {
    const own = this.#goings.get(node)?.find((going) => going.incarnation === incarnation);
    if (own === undefined) return null;
    return own.line.epoch === version.epoch || !this.#isHeld(version, at) ? own : null;
  }

  #firstGoing(line: EpochLine, node: string, after: number): Went | null {
    for (let entry = line.next(node, after); entry !== undefined; entry = line.next(node, entry.sequence)) {
      const { at, kind, sequence } = entry;
      if (kind === "offline" || kind === "expired" || kind === "removed")
        return { line, sequence, at, since: this.#earliest(entry) };
    }
    return null;
  }

  /** An observer that looks as often as it should sees a change when it is made, as far as the bound is concerned. */
  #earliest({ at, since }: Pick<LineEntry, "at" | "since">): Millis {
    return at - since > this.#case.truth.lag ? since : at;
  }
}
