/**
 * Steps through a counterexample. It reads the table of states, which is complete without it, and shows one step: its words, and each state before
 * and after it with the lines that changed.
 */
export const stepScript = `
(() => {
  const linesOf = (cell) => [...cell.querySelectorAll("div")].map((line) => line.textContent);
  const make = (name, text) => {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const stateCell = (lines, others, name) => {
    const cell = make("td");
    for (const line of lines) {
      const row = make("div");
      row.append(others.includes(line) ? line : make(name, line));
      cell.append(row);
    }
    return cell;
  };
  const setUp = (section) => {
    const { broken, last } = section.dataset;
    const id = section.id.replace(/-timeline$/, "");
    const rows = [...section.querySelectorAll(".holdings tr")];
    const names = [...rows[0].cells].slice(2).map((cell) => cell.textContent);
    const svg = section.querySelector(".space-time");
    let step = Number(broken);
    const held = (column, upTo) => {
      for (let row = upTo + 1; row > 0; row -= 1) {
        const cell = rows[row].cells[column];
        if (cell.childNodes.length > 0) return linesOf(cell);
      }
      return [];
    };
    const show = () => {
      for (const one of section.querySelectorAll(".here, .here-row")) one.classList.remove("here", "here-row");
      svg.querySelector('[data-step="' + step + '"]')?.classList.add("here");
      rows[step + 1].classList.add("here-row");
      section.querySelector("output").textContent = step + " / " + last;
      section.querySelector(".event-words").replaceChildren(...[...rows[step + 1].cells[1].childNodes].map((node) => node.cloneNode(true)));
      section.querySelector(".states tbody").replaceChildren(
        ...names.map((name, index) => {
          const [before, after] = [held(index + 2, Math.max(0, step - 1)), held(index + 2, step)];
          const row = make("tr");
          const head = make("th", name);
          head.scope = "row";
          row.append(head, stateCell(before, after, "del"), stateCell(after, before, "mark"));
          return row;
        }),
      );
    };
    const go = (to) => {
      step = Math.max(0, Math.min(Number(last), to));
      show();
      svg.querySelector(".here")?.scrollIntoView({ block: "nearest", inline: "nearest" });
      history.replaceState(null, "", "#" + id + "-step-" + step);
    };
    const ways = { first: () => 0, back: () => step - 1, next: () => step + 1, broken: () => Number(broken) };
    section.addEventListener("click", (event) => {
      const way = event.target.closest("[data-to]");
      const drawn = event.target.closest("[data-step]");
      if (way !== null) go(ways[way.dataset.to]());
      else if (drawn !== null) go(Number(drawn.dataset.step));
    });
    const keys = { ArrowLeft: () => step - 1, ArrowRight: () => step + 1, Home: () => 0, End: () => Number(last) };
    section.addEventListener("keydown", (event) => {
      const scroll = event.target.closest(".scroll");
      const to = keys[event.key];
      if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      if (scroll !== null && scroll.scrollWidth > scroll.clientWidth) return;
      event.preventDefault();
      go(to());
    });
    const follow = () => {
      const [, named] = location.hash.split(id + "-step-");
      if (location.hash !== "#" + id + "-step-" + named) return;
      step = Math.max(0, Math.min(Number(last), Number(named)));
      show();
    };
    addEventListener("hashchange", follow);
    section.querySelector(".stepper").hidden = false;
    show();
    follow();
  };
  for (const section of document.querySelectorAll(".counterexample")) setUp(section);
})();
`;
