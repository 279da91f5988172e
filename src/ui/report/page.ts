// A page about a run: one HTML document that needs nothing else, no network and no script. It is a pure function.

import type { Course, Report, ReportSample } from '../../gpt/report.ts'
import { count, duration, loss, plural, rate, short } from '../format.ts'
import { attentionSection } from './attentionMaps.ts'
import { Markup, markup, NOTHING } from './markup.ts'
import { SCRIPT, SCRIPT_HASH } from './script.ts'
import { STYLE } from './style.ts'
import { type Chart, svgChart } from './svgChart.ts'
import { configurationSection, curveTables, parameterSection } from './tables.ts'

/** By this a page of ours is known again. */
export const REPORT_MARK = '<meta name="generator" content="tgpt report'

/**
 * Nothing is loaded, and of scripts only ours runs, known by its hash. Styles are ours alone as well, but bars and
 * charts would need a hash each.
 */
const POLICY = `default-src 'none'; style-src 'unsafe-inline'; script-src '${SCRIPT_HASH}'; base-uri 'none'; form-action 'none'`

export function reportPage(report: Report): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${new Markup(REPORT_MARK)} ${report.version}">
<meta http-equiv="Content-Security-Policy" content="${new Markup(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${report.name} · tgpt</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
${header(report)}<main>
${report.inspection.warnings.map(
  (warning) => markup`<p class="warning">${warning}</p>
`,
)}${courseSection(report)}${samplesSection(report)}${attentionPart(report)}${parameterSection(report.inspection)}${configurationSection(report.inspection)}</main>
<footer>Made by tgpt ${report.version}.</footer>
<script>${new Markup(SCRIPT)}</script>
</body>
</html>
`.text
}

function attentionPart({ attention, notices }: Report): Markup {
  if (attention) return attentionSection(attention)
  return markup`${notices.map(
    (notice) => markup`<p class="note">${notice}</p>
`,
  )}`
}

function header({ name, inspection, course }: Report): Markup {
  const { run, parameters, model } = inspection
  const origin = run ? markup`A GPT trained on <strong>${run.corpus.name}</strong>` : markup`A GPT`
  return markup`<header>
<h1>${name}</h1>
<p>${origin}: ${plural(model.nLayer, 'layer')}, ${plural(model.nHead, 'head')}, ${count(model.nEmbd)} wide.</p>
<dl class="figures">${headFigures(inspection.best, course).map(figure)}${figure(['parameters', short(parameters.total), ''])}</dl>
</header>
`
}

type Figure = readonly [name: string, value: string, aside: string]

function figure([name, value, aside]: Figure): Markup {
  return markup`<div><dt>${name}</dt><dd>${value}${aside === '' ? NOTHING : markup` <small>${aside}</small>`}</dd></div>
`
}

function headFigures(best: Report['inspection']['best'], course: Course | undefined): Figure[] {
  const found = course?.best ?? best
  return [
    ...(found ? [['best validation loss', loss(found.validationLoss), `step ${count(found.step)}`] as const] : []),
    ...(course ? [['steps', count(course.step), stateOf(course)] as const] : []),
    ...(course?.elapsedSeconds === undefined ? [] : [['time', duration(course.elapsedSeconds), ''] as const]),
    ...(course?.tokensPerSecond === undefined ? [] : [['speed', count(course.tokensPerSecond), 'tok/s'] as const]),
  ]
}

function stateOf({ ending }: Course): string {
  if (!ending) return 'so far'
  return ending.completed ? 'all done' : 'stopped'
}

function courseSection({ course, inspection }: Report): Markup {
  if (!course) {
    return markup`<p class="note">There is no run around this model: how it was trained is not known.</p>
`
  }
  const charts = [lossChart(course), rateChart(course), normChart(course, inspection.run?.settings.gradClip)]
  const [losses, ...small] = charts.map(svgChart)
  const isEmpty = [losses, ...small].every(({ text }) => text === '')
  return markup`<section id="loss">
<h2>Training</h2>
${isEmpty ? markup`<p class="note">The log of this run has no losses yet.</p>` : losses}
<div class="pair">
${small}</div>
${finalScore(course)}${curveTables(course)}</section>
`
}

function finalScore({ ending }: Course): Markup {
  if (!ending?.validation) return NOTHING
  const { loss: score, tokens, ofTokens } = ending.validation
  const part = tokens === ofTokens ? 'the whole validation part' : `the first of ${count(ofTokens)} for validation`
  return markup`<p>Finished: validation loss ${loss(score)} over ${count(tokens)} tokens, ${part}.</p>
`
}

/** Beyond so many evaluations dots would hide the line. */
const MOST_DOTS = 80

function lossChart({ steps, evaluations, best }: Course): Chart {
  const dotted = evaluations.length <= MOST_DOTS
  return {
    title: 'Loss',
    unit: 'nats a token',
    format: loss,
    curves: [
      { name: 'batch', look: 'raw', points: steps.map(({ step, loss: value }) => ({ step, value })) },
      {
        name: 'train',
        look: 'train',
        dotted,
        points: evaluations.map(({ step, trainLoss: value }) => ({ step, value })),
      },
      {
        name: 'validation',
        look: 'validation',
        dotted,
        points: evaluations.map(({ step, validationLoss: value }) => ({ step, value })),
      },
    ],
    ...(best && {
      mark: {
        step: best.step,
        value: best.validationLoss,
        label: `best ${loss(best.validationLoss)}`,
      },
    }),
  }
}

function rateChart({ steps }: Course): Chart {
  const points = steps.map(({ step, learningRate: value }) => ({ step, value }))
  const curves = [{ name: 'rate', look: 'rate', points }] as const
  return { title: 'Learning rate', unit: '', curves, format: rate, small: true, from: 0 }
}

function normChart({ steps }: Course, clip: unknown): Chart {
  const points = steps.map(({ step, gradientNorm: value }) => ({ step, value }))
  return {
    title: 'Gradient norm',
    unit: 'before clipping',
    curves: [{ name: 'norm', look: 'norm', points }],
    format: (value) => value.toPrecision(3),
    small: true,
    from: 0,
    ...(typeof clip === 'number' && clip > 0 && { limit: { value: clip, label: `clipped above ${clip}` } }),
  }
}

function samplesSection({ samples }: Report): Markup {
  if (samples.length === 0) return NOTHING
  return markup`<section id="samples">
<h2>Samples</h2>
<p>What the model wrote by itself${samples.length > 1 ? ', from its first steps to its last' : ''}.</p>
<div class="samples">
${samples.map(sampleCard)}</div>
</section>
`
}

function sampleCard({ step, text }: ReportSample): Markup {
  return markup`<figure><figcaption>step ${count(step)}</figcaption><pre tabindex="0" dir="auto">${text}</pre></figure>
`
}
