/**
 * The script of the page: language of the browser, filter, keys and copying. Without it everything is there, and can be opened and read. The page
 * names its hash, so that a browser runs no other.
 */
import { createHash } from "node:crypto";
import { stepScript } from "./step-script.ts";

export const script = `
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("scripted");
  const find = (id) => document.getElementById(id);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const languages = { en: "en", zh: "zh-CN" };
  const setLanguage = () => {
    const id = find("zh").checked ? "zh" : "en";
    root.lang = languages[id];
    document.title = root.dataset[id];
    for (const option of all("option[data-en]")) option.textContent = option.dataset[id];
  };
  if (/^zh/i.test(navigator.languages?.[0] ?? navigator.language)) find("zh").checked = true;
  for (const id of ["en", "zh"]) find(id).addEventListener("change", setLanguage);
  setLanguage();

  const rows = all("details[data-verdict]");
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const fields = ["verdict", "layer", "scenario"];
  const apply = () => {
    const wanted = find("filter-text").value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const fits = fields.every((field) => {
        const value = find("filter-" + field).value;
        return value === "" || row.dataset[field].split(" ").includes(value);
      });
      row.hidden = !(fits && texts.get(row).includes(wanted));
      if (!row.hidden) shown += 1;
    }
    find("filter-count").textContent = shown + " / " + rows.length;
  };
  find("filter").hidden = false;
  for (const field of [...fields, "text"]) find("filter-" + field).addEventListener("input", apply);
  apply();

  const reveal = () => {
    const target = find(decodeURIComponent(location.hash.slice(1)));
    if (target === null) return;
    for (let at = target; at !== null; at = at.parentElement) {
      if (at.localName !== "details") continue;
      at.hidden = false;
      at.open = true;
    }
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  if (location.hash.length > 1) reveal();

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      for (const field of [...fields, "text"]) find("filter-" + field).value = "";
      apply();
    }
    if (/^(input|select|textarea)$/.test(event.target.localName)) return;
    if (event.key === "/") {
      event.preventDefault();
      find("filter-text").focus();
    }
    const step = { j: 1, k: -1 }[event.key];
    if (step === undefined) return;
    const shown = rows.filter((row) => !row.hidden);
    const at = shown.indexOf(document.activeElement?.closest("details[data-verdict]"));
    const next = shown[at < 0 && step < 0 ? shown.length - 1 : at + step];
    next?.querySelector("summary").focus();
  });

  addEventListener("click", (event) => {
    const button = event.target.closest("button.copy");
    if (button === null) return;
    const code = button.parentElement.querySelector("code");
    const done = () => button.classList.add("done");
    const select = () => {
      getSelection().selectAllChildren(code);
      if (document.execCommand("copy")) done();
    };
    if (navigator.clipboard === undefined) select();
    else navigator.clipboard.writeText(code.textContent).then(done, select);
  });
})();
${stepScript}`;

/** The source of the policy: nothing is loaded, and only this script runs. */
export const scriptSource = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'; base-uri 'none'; form-action 'none'`;
