// Looks inside a model, for `tgpt inspect`: what is asked for, computed and shown. Loaded only when one is wanted.

import { attention } from '../run/look/attention.ts'
import { layers } from '../run/look/layers.ts'
import { neighbours } from '../run/look/neighbours.ts'
import type { LookRequest } from '../run/look/open.ts'
import { predictions } from '../run/look/predictions.ts'
import { trace } from '../run/look/trace.ts'
import type { Location } from '../store/locate.ts'
import { attentionLines } from '../ui/look/attentionLines.ts'
import { layerLines } from '../ui/look/layerLines.ts'
import { neighbourLines } from '../ui/look/neighbourLines.ts'
import { predictionLines } from '../ui/look/predictionLines.ts'
import type { Sheet } from '../ui/look/shade.ts'
import { traceLines } from '../ui/look/traceLines.ts'
import { type Line, paintedText } from '../ui/style.ts'
import { harmlessJson } from '../ui/visible.ts'
import type { Context } from './context.ts'
import { type Arguments, switchedOn, text } from './options.ts'
import { sheetSize } from './sheetSize.ts'

/** The option that asks for it. */
export type LookName = 'trace' | 'attention' | 'predict' | 'neighbours' | 'layers'

export async function showLook(name: LookName, { stepFolder }: Location, args: Arguments, context: Context) {
  const json = switchedOn(args, 'json')
  const { data, lines } = await lookAt(name, { stepFolder, text: text(args, name) ?? '' }, args)
  if (context.signal.aborted) return
  const sheet = { columns: sheetSize(context).columns, colours: context.colours }
  for (const notice of 'notices' in data ? data.notices : []) context.stderr(`note: ${notice}\n`)
  const shown = json ? harmlessJson(data) : paintedText(lines(sheet), sheet.colours)
  context.stdout(`${shown}\n`)
}

/** The figures, and how to draw them. */
async function lookAt(name: LookName, request: LookRequest, args: Arguments) {
  const drawn = <Data extends object>(data: Data, draw: (data: Data, sheet: Sheet) => Line[]) => ({
    data,
    lines: (sheet: Sheet) => draw(data, sheet),
  })
  switch (name) {
    case 'trace':
      return drawn(await trace(request), traceLines)
    case 'attention':
      return drawn(await attention({ ...request, ...mapsOf(args) }), attentionLines)
    case 'predict':
      return drawn(await predictions(request), predictionLines)
    case 'neighbours':
      return drawn(await neighbours(request), neighbourLines)
    case 'layers':
      return drawn(await layers(request), layerLines)
  }
}

/** Which maps of attention: without a word, all heads of the last layer. */
function mapsOf(args: Arguments) {
  return { layer: text(args, 'layer') ?? 'last', head: text(args, 'head') ?? 'all' }
}
