/** The additional styles of a timeline page. */
export const spaceTimeStyle = `
body.timeline { max-width: none; }
.timeline dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; max-width: 72rem; } .timeline dt { color: var(--soft); } .timeline dd { margin: 0; overflow-wrap: anywhere; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; } .legend span { display: inline-flex; align-items: center; gap: .4rem; }
svg.swatch { width: auto; height: 12px; background: none; border-radius: 0; }
svg.space-time { width: auto; max-width: none; }
.lane line { stroke: var(--line); stroke-width: 1.5; } svg .lane text { fill: var(--ink); font-weight: 600; font-size: 12px; }
.lane.store line { stroke: var(--control); stroke-width: 3; opacity: .6; } .lane.network line { stroke-dasharray: 3 5; } svg .lane.network text { fill: var(--soft); }
.message line { stroke: var(--control); stroke-width: 1.5; } .message.late line, .message.repeated line { stroke: var(--mid); }
.message.lost line { stroke: var(--fault); stroke-dasharray: 5 4; } .message.on_its_way line { stroke-dasharray: 2 4; }
.cross { stroke: var(--fault); stroke-width: 2.2; fill: none; }
svg .message text { fill: var(--ink); font-size: 10.5px; paint-order: stroke; stroke: var(--panel); stroke-width: 4px; stroke-linejoin: round; }
.head.m { fill: var(--control); } .head.late { fill: var(--mid); } .head.lost { fill: var(--fault); }
.event circle { fill: var(--ink); stroke: var(--panel); stroke-width: 1.5; } .event.fault circle { fill: var(--fault); } .event.mode circle { fill: var(--mid); }
.event.broken circle { fill: var(--violated); } svg .event .words { fill: var(--ink); font-size: 12.5px; } svg .event .number { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
svg .event.broken .words { fill: var(--violated); font-weight: 600; } svg .event.fault .words { fill: var(--fault); }
.band.broken { fill: var(--violated); opacity: .1; } .band.no-return { fill: var(--mid); opacity: .16; }
svg .band-label { font-size: 10px; } svg .band-label.broken { fill: var(--violated); font-weight: 600; } svg .band-label.no-return { fill: var(--open); font-weight: 600; }
.span.call { fill: var(--control); opacity: .28; } .span.fault { fill: var(--fault); opacity: .28; }
.loop path, .loop line { fill: none; stroke: var(--fault); stroke-width: 2; } svg .loop text { fill: var(--fault); font-size: 12px; font-weight: 600; }
table.holdings { width: auto; font-size: .82rem; } table.holdings td { min-width: 9rem; max-width: 24rem; } table.holdings td.number { min-width: 0; }
table.holdings tr.broken-row td { background: color-mix(in srgb, var(--violated) 10%, transparent); }
`;
