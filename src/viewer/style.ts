/** The additional styles of the viewer. */
export const viewerStyle = `
body.viewer { max-width: 96rem; }
.controls { display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; margin: .5rem 0; } .controls input { flex: 1 1 16rem; min-width: 0; } .controls output { font-variant-numeric: tabular-nums; }
.panel { position: sticky; top: 0; background: var(--paper); padding: .25rem 0; z-index: 1; border-bottom: 1px solid var(--line); }
.now { font-weight: 600; min-height: 1.45em; margin: .3rem 0; } .changed { margin: 0 0 .5rem; padding-left: 1.1rem; min-height: 4.4em; font-size: .9rem; } .now.broken { color: var(--violated); }
.runs { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 34rem), 1fr)); gap: 1.25rem; } .run { min-width: 0; }
.lanes { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: .75rem; align-items: start; }
.lane-card { border: 1px solid var(--line); border-radius: 6px; padding: .4rem .7rem; min-width: 0; background: var(--panel); } .lane-card.acts { border-color: var(--focus); box-shadow: 0 0 0 1px var(--focus); } .lane-card.acts.broken { border-color: var(--violated); box-shadow: 0 0 0 2px var(--violated); }
.lane-card h3 { margin: 0 0 .2rem; } .lane-card dl { margin: 0; font-size: .9rem; } .lane-card dt { font-size: .87em; } .lane-card dl > div { display: grid; grid-template-columns: minmax(6rem, 2fr) 3fr; gap: .5rem; } .lane-card dd { overflow-wrap: anywhere; } .lane-card del { color: var(--soft); }
.lane-card .behind { color: var(--open); }
.near { font-size: .87em; padding-left: 0; list-style: none; } .near li { display: grid; grid-template-columns: 4.5rem 6.5rem minmax(0, 1fr); gap: .5rem; padding: .1rem .3rem; } .near .here { background: var(--panel); font-weight: 600; } .near .fault { color: var(--fault); } .near .broken { color: var(--violated); }
.near button { all: unset; cursor: pointer; text-align: right; font-variant-numeric: tabular-nums; } .near button:focus-visible { outline: 2px solid var(--focus); }
.broken-line { stroke: var(--violated); stroke-width: 2; } .cursor { stroke: var(--focus); stroke-width: 2; }
@media (max-width: 40rem) { .near li { grid-template-columns: 4rem minmax(0, 1fr); } .near .who { display: none; } .panel { position: static; } }
`;
