// The page's tables: what the model is made of, how the run was set, and the figures behind the curves.

import type { InspectedRun, InspectedTensor, Inspection } from '../../gpt/inspection.ts'
import type { Course } from '../../gpt/report.ts'
import { bytes, count, loss, rate, short } from '../format.ts'
import { settingsBesideModel } from '../inspectionLines.ts'
import { type Insertable, Markup, markup, NOTHING } from './markup.ts'

type Row = readonly Insertable[]

/** Columns named in `numbers` are aligned to the right. */
function table(head: readonly string[], rows: readonly Row[], numbers: readonly number[]): Markup {
  const side = (column: number): Markup => (numbers.includes(column) ? markup` class="number"` : NOTHING)
  const body = rows.map(
    (row) => markup`<tr>${row.map((cell, column) => markup`<td${side(column)}>${cell}</td>`)}</tr>
`,
  )
  return markup`<div class="scroll" tabindex="0"><table>
<thead><tr>${head.map((name, column) => markup`<th${side(column)}>${name}</th>`)}</tr></thead>
<tbody>
${body}</tbody>
</table></div>
`
}

function folded(summary: string, content: Markup): Markup {
  return markup`<details><summary>${summary}</summary>
${content}</details>
`
}

/** Names and values, side by side. */
function pairs(rows: readonly (readonly [string, Insertable])[]): Markup {
  return markup`<dl class="pairs">${rows.map(
    ([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>
`,
  )}</dl>`
}

/** The values of the curves, for those who cannot point at them. */
export function curveTables({ steps, evaluations }: Course): Markup {
  const evaluated = evaluations.map((each) => [count(each.step), loss(each.trainLoss), loss(each.validationLoss)])
  const logged = steps.map((each) => [
    count(each.step),
    loss(each.loss),
    rate(each.learningRate),
    each.gradientNorm.toPrecision(3),
  ])
  return markup`${
    evaluated.length === 0
      ? NOTHING
      : folded('Evaluations as a table', table(['step', 'train', 'validation'], evaluated, [0, 1, 2]))
  }${
    logged.length === 0
      ? NOTHING
      : folded(
          'Steps as a table',
          table(['step', 'loss of the batch', 'learning rate', 'gradient norm'], logged, [0, 1, 2, 3]),
        )
  }`
}

export function parameterSection({ parameters, flopsPerToken, memory }: Inspection): Markup {
  const { total, withoutPositions, decayed, notDecayed, tensors } = parameters
  return markup`<section id="parameters">
<h2>Parameters</h2>
<p>${count(total)} in ${count(tensors.length)} tensors; ${count(withoutPositions)} without positions, as nanoGPT counts.</p>
${partsTable(parameters)}
${pairs([
  ['decayed', `${count(decayed.parameters)} in ${count(decayed.tensors)} tensors`],
  ['not decayed', `${count(notDecayed.parameters)} in ${count(notDecayed.tensors)} tensors`],
  ['FLOPs', `${short(flopsPerToken)} a token, forward and backward`],
  ['memory', `at least ${bytes(memory.trainingBytes)} to train, ${bytes(memory.samplingBytes)} to sample`],
])}
${folded('All tensors', tensorTable(tensors, total))}</section>
`
}

function partsTable({ parts, total }: Inspection['parameters']): Markup {
  const rows = parts.map(({ part, tensors, parameters }) => [
    part,
    count(tensors),
    count(parameters),
    share(parameters, total),
    bar(parameters / total),
  ])
  return table(['part', 'tensors', 'parameters', 'share', ''], rows, [1, 2, 3])
}

function tensorTable(tensors: readonly InspectedTensor[], total: number): Markup {
  const rows = tensors.map(({ name, shape, parameters, decayed }) => [
    markup`<code>${name}</code>`,
    shape.map(count).join(' × '),
    count(parameters),
    share(parameters, total),
    decayed ? 'yes' : 'no',
  ])
  return table(['tensor', 'shape', 'parameters', 'share', 'decayed'], rows, [2, 3])
}

/** A share of the whole in percent, with one decimal. */
function share(part: number, total: number): string {
  return `${((100 * part) / total).toFixed(1)}%`
}

function bar(part: number): Markup {
  return markup`<svg class="bar" aria-hidden="true"><rect width="${(100 * part).toFixed(2)}%" height="100%"/></svg>`
}

export function configurationSection({ model, dropout, tokenizer, run, step }: Inspection): Markup {
  return markup`<section id="configuration">
<h2>Configuration</h2>
<div class="columns">
<div><h3>Model</h3>
${pairs([
  ['layers', count(model.nLayer)],
  ['heads', `${count(model.nHead)}, each ${count(model.nEmbd / model.nHead)} wide`],
  ['width', count(model.nEmbd)],
  ['block', `${count(model.blockSize)} tokens`],
  ['vocabulary', `${count(tokenizer.vocabSize)} (${tokenizer.kind})`],
  ['biases', model.bias ? 'yes' : 'no'],
  ['activation', model.activation],
  ['dropout', String(dropout)],
  ...(step === undefined ? [] : [['checkpoint', `after step ${count(step)}`] as const]),
])}</div>
${run ? runParts(run) : NOTHING}</div>
</section>
`
}

/** Where the corpus lies on the disk is left out: pages are shown to others. */
function runParts({ settings, corpus, engine, versions }: InspectedRun): Markup {
  return markup`<div><h3>Settings</h3>
${pairs(settingsBesideModel(settings).map(([key, value]) => [spaced(key), settingText(value)]))}</div>
<div><h3>Corpus and engine</h3>
${pairs([
  ['corpus', corpus.name],
  ['size', bytes(corpus.bytes)],
  ['sha256', markup`<code>${corpus.sha256}</code>`],
  ['engine', `${engine.name}: ${engine.detail}`],
  ['chosen', engine.reason],
  ['versions', `tgpt ${versions.tgpt}, Node ${versions.node}`],
])}</div>
`
}

/** gradientAccumulation as "gradient accumulation". */
function spaced(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function settingText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
