/** The style sheet of the page, light and dark, for screens from 320 px and for paper, without external fonts or pictures. */
export const styleSheet = `
:root { color-scheme: light dark;
  --ink: #1c2430; --soft: #56606c; --paper: #ffffff; --panel: #f3f5f8; --line: #d9dfe6;
  --held: #17744a; --violated: #b92525; --open: #855700; --broken: #8b2fa8;
  --fault: #c14512; --control: #2a66a6; --band: #d9531e1c; --mid: #e3a008; --focus: #2a66a6; --mark: #f9e39a; }
@media screen and (prefers-color-scheme: dark) { :root {
  --ink: #e4e8ee; --soft: #a3adb9; --paper: #12161c; --panel: #1a2029; --line: #2d3642;
  --held: #4cc38a; --violated: #ff7b72; --open: #e3b341; --broken: #d58bf0;
  --fault: #ff8f5c; --control: #6cb0f5; --band: #ff8f5c22; --mid: #d29922; --focus: #6cb0f5; --mark: #5c4a10; } }
* { box-sizing: border-box; }
:root:has(#zh:checked) body [lang="en"], :root:not(:has(#zh:checked)) body [lang="zh-CN"] { display: none; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem 1.25rem 2rem; background: var(--paper); color: var(--ink); overflow-wrap: anywhere;
  font: 15px/1.45 system-ui, "Segoe UI", Roboto, "Noto Sans", "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 1.45rem; line-height: 1.25; margin: 0; } h2 { font-size: 1.1rem; margin: 1.75rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
p { margin: .3rem 0; } .soft, figcaption { color: var(--soft); font-size: .87em; } .hidden { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
a { color: var(--control); } a:focus-visible, summary:focus-visible, button:focus-visible, input:focus-visible, select:focus-visible, [tabindex]:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
code, pre, samp { font: .85em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
pre { margin: .5rem 0; padding: .6rem .9rem; background: var(--panel); border-radius: 6px; white-space: pre-wrap; }
header { border-left: 6px solid var(--tone); padding-left: 1rem; display: flow-root; }
.languages { float: right; border: 0; padding: 0; margin: 0 0 .25rem 1rem; font-size: .87em; } .languages label { margin-left: .6rem; }
.held, .killed { --tone: var(--held); } .violated, .survived { --tone: var(--violated); } .broken { --tone: var(--broken); }
.unknown, .not_exercised, .stale, .void { --tone: var(--open); }
.verdict { color: var(--tone, var(--soft)); font-weight: 600; white-space: nowrap; }
.note, .todo { background: var(--panel); border-radius: 6px; padding: .35rem .75rem; } .note { margin: .6rem 0; }
.checklist { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line); }
.checklist li { display: grid; grid-template-columns: 2rem minmax(0, 22rem) minmax(0, 1fr) 8rem 7.5rem; gap: 0 .75rem; align-items: center; padding: .26rem 0; border-bottom: 1px solid var(--line); }
.checklist .todo { grid-column: 2 / -1; } .checklist .number { color: var(--soft); text-align: right; }
.bar { display: block; width: 100%; height: 7px; margin-top: .15rem; } .bar .track { fill: var(--line); } .bar .left { fill: var(--tone); }
.signature { display: grid; grid-template-columns: 1fr 1fr 8rem auto; gap: .5rem 1.25rem; border: 1px solid var(--line); border-radius: 6px; padding: .75rem 1rem; margin: 0; }
.signature > label, .signature fieldset { display: block; border: 0; padding: 0; margin: 0; min-width: 0; } .signature legend { padding: 0; }
.signature > label input { display: block; width: 100%; border: 0; border-bottom: 1px solid var(--ink); background: transparent; color: inherit; font: inherit; padding: .2rem 0; }
.signature fieldset label { margin-right: .9rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); gap: .4rem 1.5rem; margin: 0; } .facts .wide { grid-column: 1 / -1; }
dt { color: var(--soft); font-size: .82em; } dd { margin: 0; }
.filter { display: flex; flex-wrap: wrap; gap: .4rem 1rem; align-items: end; margin: .5rem 0; } .filter[hidden] { display: none; }
.filter label { min-width: 0; max-width: 100%; } .filter select, .filter input { display: block; width: 100%; font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--soft); border-radius: 4px; padding: .2rem .4rem; max-width: 100%; }
details { border-bottom: 1px solid var(--line); } details[hidden] { display: none; } summary { cursor: pointer; padding: .28rem 0; } details > div { padding: .1rem 0 .9rem 1.25rem; }
.row { display: inline-grid; grid-template-columns: 2.4rem minmax(0, 1fr) minmax(0, 15rem) 7rem; gap: 0 .75rem; width: calc(100% - 1.25rem); vertical-align: top; }
.row .claim, .row .figure { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; } .row .figure { color: var(--soft); text-align: right; }
details[open] > summary .claim { white-space: normal; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .87em; } th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); overflow-wrap: normal; }
th { color: var(--soft); font-weight: 500; } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.property td, .property th[scope="row"] { white-space: nowrap; }
.tokens { list-style: none; margin: .2rem 0; padding: 0; } button { font: inherit; font-size: .82em; color: inherit; background: var(--panel); border: 1px solid var(--soft); border-radius: 4px; padding: .05rem .5rem; cursor: pointer; }
:root:not(.scripted) .copy { display: none; }
:target { outline: 2px solid var(--focus); outline-offset: 3px; border-radius: 3px; }
figure { margin: .5rem 0 1rem; } figure svg { display: block; width: 100%; height: auto; background: var(--panel); border-radius: 6px; margin-bottom: .3rem; }
svg text { fill: var(--soft); font-size: 11px; font-family: inherit; }
.grid { stroke: var(--line); } .fault rect { fill: var(--band); } .fault text { fill: var(--fault); }
.dots { fill: none; stroke-linecap: round; stroke-width: 3; } .dots.control { stroke: var(--control); opacity: .55; } .dots.fault-side { stroke: var(--fault); opacity: .8; }
.tail, .noise, .behind { fill: none; stroke-width: 1.75; stroke-linejoin: round; } .noise { stroke-dasharray: 2 3; stroke-width: 1.25; }
.tail.control, .noise.control, .behind.control { stroke: var(--control); } .tail.fault-side, .noise.fault-side, .behind.fault-side { stroke: var(--fault); }
.behind { stroke-width: 1; } .behind.fault-side { fill: var(--fault); fill-opacity: .3; }
.budget { stroke: var(--violated); stroke-dasharray: 6 4; stroke-width: 1.5; } svg .budget-label { fill: var(--violated); }
.tick { font-variant-numeric: tabular-nums; } .hover { fill: transparent; } .hover:hover { fill: var(--band); } figure .scroll svg.matrix { width: auto; max-width: none; } svg.matrix text { font-size: 11px; }
.lane { fill: var(--line); opacity: .45; } .stall.fault-side { fill: var(--fault); } .stall.control { fill: var(--control); }
.cell rect { fill: var(--line); opacity: .45; } .cell.held rect, .cell.killed rect, .cell.violated rect, .cell.survived rect, .cell.unknown rect, .cell.broken rect, .cell.void rect, .cell.stale rect { fill: var(--tone); opacity: .22; } svg .cell text { fill: var(--ink); } svg .cell.violated text, svg .cell.survived text { fill: var(--violated); font-weight: 700; }
.ran rect { fill: var(--tone, var(--soft)); opacity: .3; stroke: var(--panel); stroke-width: .5; } svg .ran text { fill: var(--ink); }
.curve { fill: none; stroke-width: 1.75; } .curve-0 { stroke: var(--control); background: var(--control); } .curve-1 { stroke: var(--fault); background: var(--fault); } .curve-2 { stroke: var(--held); background: var(--held); }
.curve-3 { stroke: var(--broken); background: var(--broken); } .curve-4 { stroke: var(--mid); background: var(--mid); } .curve-5 { stroke: var(--ink); background: var(--ink); }
.mode.normal { fill: var(--held); background: var(--held); } .mode.l2_only { fill: var(--mid); background: var(--mid); }
.mode.local_only { fill: var(--violated); background: var(--violated); } .mode.unknown { fill: var(--soft); }
mark { background: var(--mark); color: inherit; border-radius: 2px; } del { color: var(--soft); }
.stepper { margin: .5rem 0; padding: .5rem .75rem; border: 1px solid var(--line); border-radius: 6px; } .stepper[hidden] { display: none; } .stepper .event-words { font-weight: 600; min-height: 1.45em; }
.states { width: 100%; table-layout: fixed; } .states th:first-child { width: 9rem; } .states td, .states th { overflow-wrap: anywhere; } .states td div { min-height: 1.2em; }
.event.here circle { stroke: var(--focus); stroke-width: 4; } .here-row td { background: var(--panel); }
.counterexample:focus { outline: none; }
@media screen { .scripted .counterexample > .scroll { max-height: 60vh; overflow: auto; } }
.key { display: inline-block; width: .75em; height: .75em; border-radius: 3px; margin: 0 .3em 0 .6em; }
.key.control { background: var(--control); } .key.fault-side { background: var(--fault); }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media (max-width: 60rem) {
  .checklist li { grid-template-columns: 2rem minmax(0, 1fr) auto; } .checklist .measured, .checklist .margin { grid-column: 2 / -1; }
  .checklist .verdict { grid-column: 3; grid-row: 1; } .row { grid-template-columns: 2.4rem minmax(0, 1fr) auto; } .row .figure { grid-column: 2 / -1; text-align: left; }
  .row .verdict { grid-column: 3; grid-row: 1; } .signature { grid-template-columns: 1fr 1fr; } .signature fieldset { grid-column: 1 / -1; } }
@media (max-width: 26rem) { body { padding: .75rem .75rem 2rem; } details > div { padding-left: 0; } .signature { grid-template-columns: 1fr; } .languages { float: none; margin: 0 0 .25rem; } }
@media print { @page { size: A4; margin: 12mm; } body { max-width: none; padding: 0; font-size: 10px; } :root { color-scheme: light; } .filter, .keys, .copy, .languages, .pictures, .meanings { display: none; }
  .checklist li { grid-template-columns: 1.5rem minmax(0, 17rem) minmax(0, 1fr) 6rem 5rem; padding: .15rem 0; } .checklist .measured, .checklist .margin { grid-column: auto; } .checklist .verdict { grid-column: auto; grid-row: auto; }
  .row { grid-template-columns: 2.4rem minmax(0, 1fr) minmax(0, 13rem) 6rem; } .row .figure { grid-column: auto; text-align: right; } .row .verdict { grid-column: auto; grid-row: auto; } .row .claim { white-space: normal; }
  summary { padding: .1rem 0; } .signature { grid-template-columns: 1fr 1fr 9rem 1.6fr; min-height: 5rem; break-inside: avoid; } .signature fieldset { grid-column: auto; } figure, li, details { break-inside: avoid; } .scroll { overflow: visible; } h2 { margin-top: 1rem; break-after: avoid; } }
`;
