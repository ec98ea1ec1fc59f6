/** The script of the viewer: unpacks the run, keeps the state at every 256th step, and shows one step at a time. Texts of the run are never markup. */
export const viewerScript = `
"use strict";
(async () => {
  const root = document.documentElement;
  root.classList.add("scripted");
  const find = (id) => document.getElementById(id);
  const labels = JSON.parse(find("labels").textContent);
  const languages = { en: "en", zh: "zh-CN" };
  const setLanguage = () => { root.lang = languages[find("zh").checked ? "zh" : "en"]; };
  if (/^zh/i.test(navigator.languages?.[0] ?? navigator.language)) find("zh").checked = true;
  for (const id of ["en", "zh"]) find(id).addEventListener("change", setLanguage);
  setLanguage();

  const make = (name, text, className) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    if (className !== undefined) element.className = className;
    return element;
  };
  const inBoth = (label) => Object.entries(languages).map(([id, lang]) => {
    const span = make("span", label[id]);
    span.lang = lang;
    return span;
  });
  const bytes = Uint8Array.from(atob(find("data").textContent), (one) => one.charCodeAt(0));
  const data = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();

  const every = 256;
  const unpack = ({ broken, changes, lanes, steps, texts }) => {
    const count = steps.length / 4;
    const at = new Float64Array(count);
    let time = 0;
    for (let step = 0; step < count; step += 1) at[step] = (time += steps[step * 4]) / 100;
    const apply = (state, step) => {
      const all = changes[step];
      for (let index = 0; index < all.length; index += 3) {
        if (all[index + 2] < 0) state[all[index]].delete(all[index + 1]);
        else state[all[index]].set(all[index + 1], all[index + 2]);
      }
    };
    const kept = [];
    let state = lanes.map(() => new Map());
    for (let step = 0; step < count; step += 1) {
      apply(state, step);
      if (step % every === 0) kept.push(state.map((lane) => new Map(lane)));
    }
    const stateAt = (step) => {
      if (step < 0) return lanes.map(() => new Map());
      const found = kept[Math.floor(step / every)].map((lane) => new Map(lane));
      for (let next = Math.floor(step / every) * every + 1; next <= step; next += 1) apply(found, next);
      return found;
    };
    const lane = (step) => steps[step * 4 + 1];
    const kind = (step) => data.kinds[steps[step * 4 + 2]];
    const words = (step) => texts[steps[step * 4 + 3]];
    return { at, broken, count, kind, lane, lanes, stateAt, texts, words };
  };
  const runs = data.runs.map(unpack);
  const [first] = runs;

  const order = ["mode", "process", "commands", "feed", "fault", "partition", "place", "request", "call", "cache", "node"];
  const rank = (key) => order.indexOf(key.split(" ")[0]);
  const timeText = (ms) => (ms / 1000).toFixed(3) + " s";
  const keyLabel = (key) => {
    const [kind, ...rest] = key.split(" ");
    const label = labels[kind];
    return label === undefined ? [key] : [...inBoth(label), " " + rest.join(" ")];
  };
  const card = (run, lane, now, before, step) => {
    const { lanes, texts } = run;
    const isActing = run.lane(step) === lane;
    const box = make("section", undefined, "lane-card" + (isActing ? " acts" : "") + (isActing && step === run.broken ? " broken" : ""));
    box.append(make("h3", lanes[lane]));
    const list = make("dl");
    const store = now.at(-1);
    const keys = [...new Set([...before[lane].keys(), ...now[lane].keys()])].map((key) => [key, texts[key]]);
    keys.sort(([, a], [, b]) => rank(a) - rank(b) || a.localeCompare(b, "en", { numeric: true }));
    for (const [key, name] of keys) {
      const [is, was] = [now[lane].get(key), before[lane].get(key)];
      const row = make("div");
      const label = make("dt");
      label.append(...keyLabel(name));
      const value = make("dd");
      if (is === undefined) value.append(make("del", texts[was]));
      else value.append(is === was ? texts[is] : make("mark", texts[is]));
      if (is !== undefined && was !== undefined && is !== was) value.append(" ", make("del", texts[was]));
      const stored = store.get(key);
      if (lane < lanes.length - 1 && name.startsWith("partition ") && stored !== undefined && texts[stored] !== texts[is]) {
        const behind = make("span", undefined, "behind");
        behind.append(" · ", ...inBoth(labels.behind), " " + texts[stored]);
        value.append(behind);
      }
      row.append(label, value);
      list.append(row);
    }
    if (keys.length === 0) {
      const none = make("p", undefined, "soft");
      none.append(...inBoth(labels.nothing));
      box.append(none);
    }
    box.append(list);
    return box;
  };

  /** Returns the changes of a step in every lane: key, before, after. */
  const changesOf = ({ lanes, texts }, before, now) => lanes.flatMap((name, lane) =>
    [...new Set([...before[lane].keys(), ...now[lane].keys()])].flatMap((key) => {
      const [was, is] = [before[lane].get(key), now[lane].get(key)];
      if (was === is) return [];
      const item = make("li", name + " · ");
      item.append(...keyLabel(texts[key]), ": ");
      if (was !== undefined) item.append(make("del", texts[was]), " ");
      if (is !== undefined) item.append(make("mark", texts[is]));
      return [item];
    }),
  );

  let current = 0;
  const near = 6;
  const showRun = (run, index, step) => {
    const section = find("run-" + (index + 1));
    const [before, now] = [run.stateAt(step - 1), run.stateAt(step)];
    const line = section.querySelector(".now");
    line.textContent = timeText(run.at[step]) + "  " + run.lanes[run.lane(step)] + " " + run.words(step);
    line.classList.toggle("broken", step === run.broken);
    section.querySelector(".changed").replaceChildren(...changesOf(run, before, now));
    const order = [run.lanes.length - 1, ...run.lanes.keys()].slice(0, run.lanes.length);
    section.querySelector(".lanes").replaceChildren(...order.map((lane) => card(run, lane, now, before, step)));
    const items = [];
    for (let other = Math.max(0, step - near); other <= Math.min(run.count - 1, step + near); other += 1) {
      const item = make("li", undefined, run.kind(other) + (other === step ? " here" : "") + (other === run.broken ? " broken" : ""));
      const button = make("button", timeText(run.at[other]));
      button.type = "button";
      button.addEventListener("click", () => go(index === 0 ? other : stepAt(first, run.at[other])));
      item.append(button, make("span", run.lanes[run.lane(other)], "who"), make("span", run.words(other)));
      items.push(item);
    }
    section.querySelector(".near").replaceChildren(...items);
    const svg = section.querySelector("svg");
    const x = Number(svg.dataset.left) + (Math.max(0, run.at[step]) / Number(svg.dataset.end)) * Number(svg.dataset.width);
    for (const end of ["x1", "x2"]) svg.querySelector(".cursor").setAttribute(end, x);
  };
  /** The last step that is not later. */
  const stepAt = (run, time) => {
    let [low, high] = [0, run.count];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (run.at[middle] <= time) low = middle;
      else high = middle;
    }
    return low;
  };
  const show = () => {
    find("slider").value = current;
    find("where").textContent = current + 1 + " / " + first.count;
    const isSame = data.difference < 0 || current <= data.difference;
    for (const [index, run] of runs.entries()) {
      showRun(run, index, index === 0 ? current : isSame ? Math.min(current, run.count - 1) : stepAt(run, first.at[current]));
    }
  };
  const go = (to) => {
    current = Math.max(0, Math.min(first.count - 1, to));
    show();
    history.replaceState(null, "", "#step-" + (current + 1));
  };
  const nextOf = (kind) => {
    for (let step = current + 1; step < first.count; step += 1) if (first.kind(step) === kind) return step;
    return current;
  };
  const ways = {
    first: () => 0, back: () => current - 1, next: () => current + 1, last: () => first.count - 1, fault: () => nextOf("fault"), mode: () => nextOf("mode"),
    broken: () => (first.broken < 0 ? current : first.broken), difference: () => data.difference,
  };
  const keys = {
    ArrowLeft: ways.back, ArrowRight: ways.next, Home: ways.first, End: ways.last, PageUp: () => current - 100, PageDown: () => current + 100,
    f: ways.fault, m: ways.mode, v: ways.broken,
  };
  addEventListener("click", (event) => {
    const way = event.target.closest("[data-to]");
    if (way !== null) go(ways[way.dataset.to]());
    const copy = event.target.closest("button.copy");
    if (copy === null) return;
    getSelection().selectAllChildren(copy.parentElement.querySelector("code"));
    if (document.execCommand("copy")) copy.classList.add("done");
  });
  addEventListener("keydown", (event) => {
    const to = keys[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey || event.target.type === "radio") return;
    event.preventDefault();
    go(to());
  });
  find("slider").addEventListener("input", (event) => go(Number(event.target.value)));
  /** The violation; without one, the first change of mode. */
  const begin = () => {
    current = 0;
    return first.broken < 0 ? nextOf("mode") : first.broken;
  };
  const follow = () => {
    const [, step] = /^#step-(\\d+)$/.exec(location.hash) ?? [];
    current = step === undefined ? begin() : Math.max(0, Math.min(first.count - 1, Number(step) - 1));
    show();
  };
  addEventListener("hashchange", follow);
  follow();
  root.classList.add("ready");
})();
`;
