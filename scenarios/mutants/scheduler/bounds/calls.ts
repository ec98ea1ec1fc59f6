/** Wrong schedulers that wait for longer than their calls take. */
import type { SchedulerMutant } from "../mutant.ts";

export const callMutants: readonly SchedulerMutant[] = [
  {
    id: "reads-15-ms-late",
    origin: "reads are collected for 15 ms, to make one request of many",
    simulated: "default-settings",
    property: "D1",
    edits: [
      {
        file: "reading/reads.ts",
        find: "    if (follower.view.get(node) === undefined) {\n",
        replace: `    await this.#ports.clock.sleep(15, new AbortController().signal);
    if (follower.view.get(node) === undefined) {
`,
      },
    ],
  },
  {
    id: "answers-15-ms-late",
    origin: "a read is answered at the next turn of a timer, not when the answer is there",
    simulated: "default-settings",
    property: "D1",
    edits: [
      {
        file: "reading/reads.ts",
        find: "    signal?.throwIfAborted();\n    const answer = toAnswer(",
        replace: `    if (clock.now() > startedAt) await clock.sleep(15, new AbortController().signal);
    signal?.throwIfAborted();
    const answer = toAnswer(`,
      },
    ],
  },
  {
    id: "back-600-ms-late",
    origin: "an instance waits for a while before it loads what it missed, so that Redis is not asked by all at once",
    simulated: "default-settings",
    property: "D5",
    edits: [
      {
        file: "mode/supervisor.ts",
        find: "          await this.#catchUpWithAll();\n",
        replace: `          if (!mode.reason.includes("cold_start")) await clock.sleep(600, signal);
          await this.#catchUpWithAll();
`,
      },
    ],
  },
  {
    id: "normal-600-ms-late",
    origin: "an instance that has loaded everything watches it for a while before it trusts it",
    simulated: "default-settings",
    property: "D5",
    edits: [
      {
        file: "mode/supervisor.ts",
        find: "    const allCurrent = await this.#refreshAll();\n",
        replace: `    const allCurrent = await this.#refreshAll();
    if (!mode.reason.includes("cold_start")) await this.#ports.clock.sleep(600, new AbortController().signal);
`,
      },
    ],
  },
  {
    id: "degrades-after-100-ms",
    origin: "calls that fail are taken for chance for a while",
    simulated: "redis-gone",
    property: "D2",
    edits: [
      {
        file: "mode/mode-keeper.ts",
        find: "    const before = this.#state;\n",
        replace: `    const before = this.#state;
    const now = this.#clock.now();
    if (report.kind === "call_answered") this.#failing = now;
    if (report.kind === "call_failed" && before.mode === "normal" && now - this.#failing < 100) return;
`,
      },
      {
        file: "mode/mode-keeper.ts",
        find: "  #state: ModeState;\n",
        replace: "  #state: ModeState;\n  #failing = 0;\n",
      },
    ],
  },
  {
    id: "writes-wait",
    origin: "writes are gathered for a moment before they are sent, and not sent together after all",
    simulated: "half-open",
    property: "K3",
    edits: [
      {
        file: "calls/calls.ts",
        find: "    return this.#send(call, { deadline: this.#settings.writeDeadline, isRead: false, origin, signal });",
        replace: `    const send = () => this.#send(call, { deadline: this.#settings.writeDeadline, isRead: false, origin, signal });
    return origin === "own" ? send() : this.#clock.sleep(60, new AbortController().signal).then(send);`,
      },
    ],
  },
];
