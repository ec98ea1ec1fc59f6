/** The style sheet of the page, light and dark, without external fonts or pictures. */
export const styleSheet = `
:root { color-scheme: light dark;
  --ink: #1c2430; --soft: #5c6672; --paper: #ffffff; --panel: #f5f7f9; --line: #dde2e8;
  --held: #1a7f4b; --violated: #c42b2b; --open: #9a6700; --broken: #8b2fa8;
  --fault: #d9531e; --control: #2f6fb5; --band: #d9531e1c; --mid: #e3a008; }
@media (prefers-color-scheme: dark) { :root {
  --ink: #e4e8ee; --soft: #98a3b0; --paper: #12161c; --panel: #1a2029; --line: #2d3642;
  --held: #4cc38a; --violated: #ff7b72; --open: #e3b341; --broken: #d58bf0;
  --fault: #ff8f5c; --control: #6cb0f5; --band: #ff8f5c22; --mid: #d29922; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.5rem 4rem; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, "Segoe UI", Roboto, "Noto Sans", "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { margin: .35rem 0; } .soft { color: var(--soft); }
code, pre { font: .85em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
code { overflow-wrap: anywhere; }
pre { margin: .5rem 0; padding: .75rem 1rem; background: var(--panel); border-radius: 6px; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
header { border-left: 6px solid var(--tone); padding: .25rem 0 .25rem 1rem; }
.counts { display: flex; flex-wrap: wrap; gap: .35rem 1.25rem; margin-top: .5rem; font-weight: 600; }
.held { --tone: var(--held); } .violated, .survived { --tone: var(--violated); } .broken { --tone: var(--broken); }
.unknown, .not_exercised, .stale, .void { --tone: var(--open); } .killed { --tone: var(--held); }
.verdict { color: var(--tone); font-weight: 600; white-space: nowrap; }
details { margin-top: .2rem; } summary { color: var(--soft); cursor: pointer; font-size: .85rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 500; font-size: .85rem; } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.number + td, th.number + th { padding-left: .75rem; }
.violation { border-left: 4px solid var(--violated); padding-left: 1rem; margin: 1rem 0; }
.note { background: var(--panel); border-radius: 6px; padding: .6rem 1rem; }
figure { margin: .75rem 0 1.25rem; } svg { display: block; width: 100%; height: auto; background: var(--panel); border-radius: 6px; }
figcaption { color: var(--soft); font-size: .85rem; margin-top: .35rem; }
svg text { fill: var(--soft); font-size: 11px; font-family: inherit; }
.grid { stroke: var(--line); } .fault rect { fill: var(--band); } .fault text { fill: var(--fault); }
.dots { fill: none; stroke-linecap: round; stroke-width: 3; } .dots.control { stroke: var(--control); opacity: .55; } .dots.fault-side { stroke: var(--fault); opacity: .8; }
.tail, .noise, .behind { fill: none; stroke-width: 1.75; stroke-linejoin: round; } .noise { stroke-dasharray: 2 3; stroke-width: 1.25; }
.tail.control, .noise.control, .behind.control { stroke: var(--control); } .tail.fault-side, .noise.fault-side, .behind.fault-side { stroke: var(--fault); }
.behind { stroke-width: 1; } .behind.fault-side { fill: var(--fault); fill-opacity: .3; }
.budget { stroke: var(--violated); stroke-dasharray: 6 4; stroke-width: 1.5; } svg .budget-label { fill: var(--violated); }
.mode.normal { fill: var(--held); background: var(--held); } .mode.l2_only { fill: var(--mid); background: var(--mid); }
.mode.local_only { fill: var(--violated); background: var(--violated); } .mode.unknown { fill: var(--soft); }
.key { display: inline-block; width: .75em; height: .75em; border-radius: 3px; margin: 0 .3em 0 .6em; }
.key.control { background: var(--control); } .key.fault-side { background: var(--fault); }
@media print { body { max-width: none; padding: 0; } details { margin-top: .2rem; } summary { color: var(--soft); cursor: pointer; font-size: .85rem; }
.scroll { overflow: visible; } }
`;
