// How the page looks: light and dark, on a screen, a phone and paper. Colours are told apart by the colour-blind as well
// (blue and vermilion: Okabe and Ito, "Color Universal Design", 2008). Every text has a contrast of 4.5 at least, and every
// curve one of 3.

const LIGHT = `
  color-scheme: light;
  --paper: #fcfcfb; --raised: #f3f3f0; --ink: #1d2125; --quiet: #5a626b; --rule: #dcdcd7; --grid: #e7e7e3;
  --train: #0b5fa5; --validation: #b8420a; --raw: #6a93ba; --plain: #4d5a66; --warn: #8f2d1f;
  --cell: #f0f0ec; --heat: #0b3f73; --hatch: #dededa;`

const DARK = `
  color-scheme: dark;
  --paper: #15181b; --raised: #1e2226; --ink: #e4e6e8; --quiet: #9ba4ad; --rule: #33393f; --grid: #272c31;
  --train: #6cb3ef; --validation: #f0925a; --raw: #4a6f93; --plain: #aab4bd; --warn: #f09a8c;
  --cell: #20252a; --heat: #8fcbff; --hatch: #2c3237;`

export const STYLE = `
:root {${LIGHT}
}
@media screen and (prefers-color-scheme: dark) { :root {${DARK}
} }
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2.5rem 1.5rem 3rem; max-width: 60rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
  overflow-wrap: anywhere; -webkit-text-size-adjust: 100%; text-size-adjust: 100%;
}
h1 { margin: 0; font-size: 2rem; line-height: 1.2; font-weight: 650; letter-spacing: -.01em; }
h2 { margin: 0 0 .5rem; font-size: 1.25rem; font-weight: 650; }
h3 { margin: 1.25rem 0 .5rem; font-size: .875rem; font-weight: 600; color: var(--quiet); }
p { margin: 0 0 .75rem; max-width: 44rem; }
header p { color: var(--quiet); margin: .35rem 0 1.5rem; }
header strong { color: var(--ink); font-weight: 600; }
section { margin-top: 3rem; padding-top: 1.5rem; border-top: 1px solid var(--rule); }
main > :first-child:is(section) { margin-top: 2rem; }
footer { margin-top: 3rem; color: var(--quiet); font-size: .8125rem; }
figure { margin: 0; }
code, pre { font-family: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
code { font-size: .875em; }
small, .unit, .aside { color: var(--quiet); font-weight: 400; }
:focus-visible { outline: 2px solid var(--train); outline-offset: 3px; border-radius: 2px; }
.note { color: var(--quiet); }
.warning { color: var(--warn); font-weight: 600; }

.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1rem 1.5rem; margin: 0; }
.figures dt { color: var(--quiet); font-size: .8125rem; }
.figures dd { margin: 0; font-size: 1.375rem; font-weight: 600; font-variant-numeric: tabular-nums; line-height: 1.35; }
.figures small { font-size: .8125rem; white-space: nowrap; }

.chart { margin: 1rem 0 1.5rem; break-inside: avoid; }
.chart figcaption { font-size: .9375rem; }
.chart strong { font-weight: 600; }
.legend {
  display: flex; flex-wrap: wrap; gap: .125rem 1.25rem; margin: .125rem 0 .875rem; padding: 0; list-style: none;
  font-size: .8125rem; color: var(--quiet); font-variant-numeric: tabular-nums;
}
.legend li { min-width: 11.5rem; }
.legend .step { min-width: 6.5rem; }
.small .legend li { min-width: 6.5rem; }
.legend output { color: var(--ink); }
.legend i { display: inline-block; width: .875rem; height: 3px; margin-right: .4rem; border-radius: 2px; vertical-align: .22em; background: var(--look); }
.plot { display: block; width: calc(100% - 4rem); height: 20rem; margin: 0 1rem 1.75rem 3rem; overflow: visible; touch-action: pan-y; }
.small .plot { height: 9rem; }
.plot text { font-size: .75rem; fill: var(--quiet); font-variant-numeric: tabular-nums; }
.plot text.y { text-anchor: end; }
.plot text.x { text-anchor: middle; }
.plot .grid { stroke: var(--grid); }
.plot .limit { stroke: var(--quiet); stroke-dasharray: 3 4; }
.plot text.limit { stroke: none; text-anchor: end; }
.plot text.best { font-size: .8125rem; font-weight: 600; fill: var(--validation); }
.plot text.best, .plot text.limit { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-dasharray: none; stroke-linejoin: round; }
.curves { overflow: visible; }
.curves path {
  fill: none; stroke: var(--look); stroke-width: 2; stroke-linecap: round; stroke-linejoin: round;
  vector-effect: non-scaling-stroke;
}
.curves .raw, .curves .norm { stroke-width: 1; }
.plot circle { fill: var(--look); }
.plot circle.best { fill: var(--paper); stroke: var(--validation); stroke-width: 2; }
.raw { --look: var(--raw); } .train { --look: var(--train); } .validation { --look: var(--validation); }
.rate, .norm { --look: var(--plain); }
.cursor { display: none; pointer-events: none; }
.reading .cursor { display: inline; }
.cursor line { stroke: var(--quiet); stroke-opacity: .5; }
.cursor circle { stroke: var(--paper); stroke-width: 1.5; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 0 2rem; }

details { margin-top: .5rem; }
summary { cursor: pointer; color: var(--quiet); font-size: .875rem; width: fit-content; }
summary:hover { color: var(--ink); }
.scroll { overflow: auto; max-height: 26rem; margin: .75rem 0; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; min-width: min(100%, 34rem); }
th { position: sticky; top: 0; background: var(--paper); color: var(--quiet); font-weight: 500; }
th, td { padding: .3rem 1.25rem .3rem 0; text-align: left; vertical-align: baseline; border-bottom: 1px solid var(--grid); overflow-wrap: normal; }
.number { text-align: right; }
.bar { display: block; width: 10rem; height: .5rem; align-self: center; background: var(--raised); }
.bar rect { fill: var(--train); }
.pairs { display: grid; grid-template-columns: fit-content(60%) minmax(0, 1fr); gap: .2rem 1.25rem; margin: 0; font-size: .875rem; }
.pairs dt { color: var(--quiet); }
.pairs dd { margin: 0; font-variant-numeric: tabular-nums; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(16rem, 100%), 1fr)); gap: 0 2.5rem; }

.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(18rem, 100%), 1fr)); gap: 1.25rem; }
.samples figcaption { color: var(--quiet); font-size: .8125rem; margin-bottom: .25rem; font-variant-numeric: tabular-nums; }
.samples pre {
  margin: 0; padding: 0 .875rem; border-block: .75rem solid var(--raised); height: calc(18em + 1.5rem); overflow: auto;
  white-space: pre-wrap; background: var(--raised); font-size: .8125rem; line-height: 1.5; border-radius: 3px;
}

.tokens { display: flex; flex-wrap: wrap; gap: 2px; margin: 0 0 1rem; padding: 0; list-style: none; font: .8125rem/1.5 ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
.tokens li { padding: 0 .2rem; background: var(--raised); border-radius: 2px; white-space: pre-wrap; }
.tokens .reads { background: var(--validation); color: var(--paper); }
.tokens .read { background: var(--train); color: var(--paper); }
.key { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .5rem; font-size: .8125rem; color: var(--quiet); }
.key svg { width: 8rem; height: .75rem; }
.masked { width: .75rem; height: .75rem; margin-left: .75rem; }
.map, .masked { background: repeating-linear-gradient(135deg, var(--hatch) 0 1px, transparent 1px 5px); }
.seen { fill: var(--cell); }
.map path, .key path { stroke: var(--heat); shape-rendering: crispEdges; }
.map .seen, .key .seen { stroke: none; }
.map { display: block; width: 100%; aspect-ratio: 1; touch-action: pan-y; cursor: crosshair; }
.map .cell { fill: none; stroke: var(--validation); stroke-width: 2; vector-effect: non-scaling-stroke; }
.heads { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(9.5rem, 22%), 1fr)); gap: .75rem; }
.heads figure { max-width: 16rem; break-inside: avoid; }
.heads figcaption { color: var(--quiet); font-size: .75rem; }
#tip {
  position: fixed; z-index: 1; left: 0; top: 0; max-width: min(18rem, 90vw); padding: .35rem .6rem; white-space: pre-wrap;
  background: var(--ink); color: var(--paper); border-radius: 3px; font-size: .8125rem; pointer-events: none;
}
#tip:empty { display: none; }

@media (max-width: 36rem) {
  body { padding: 1.5rem 1rem 2rem; }
  h1 { font-size: 1.625rem; }
  .plot { height: 15rem; }
  .bar { width: 11vw; }
  th, td { padding-right: .75rem; }
  .heads { gap: .5rem; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  .scroll, .samples pre { max-height: none; height: auto; overflow: visible; }
  .samples figure, tr { break-inside: avoid; }
  .map, .masked, .samples pre, .bar, .tokens li, .legend i { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  #tip, .cursor { display: none; }
}
`
