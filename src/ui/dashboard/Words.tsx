// What the model writes, what there is to say, and which keys do something.

import type { RunControls, Wish } from '../../gpt/controls.ts'
import { count } from '../format.ts'
import { clipped, onOneLine, wrapped } from '../fit.ts'
import type { Line } from '../style.ts'
import { COLOURS, firstFitting, joined, plain, QUIET, STRONG, styled } from './lines.ts'
import { Picture, type Room } from './Picture.tsx'
import type { Message, RunState } from './state.ts'

interface Props extends Room {
  readonly state: RunState
}

/** The latest sample below its title; where there is a single line, the beginning of it. */
export function Sample({ state, width, height }: Props) {
  const { sample } = state.latest
  const title = sample ? `sample after step ${count(sample.step)}` : 'no sample yet'
  const text = sample?.text ?? ''
  if (height === 1) {
    const label = sample ? 'sample ' : title
    const line = [styled(label, QUIET), plain(clipped(onOneLine(text.trimStart()), width - label.length))]
    return <Picture lines={[line]} width={width} height={1} />
  }
  const lines = wrapped(text.replace(/^\s*\n/, ''), width).map((line): Line => [plain(line)])
  return <Picture lines={[[styled(title, STRONG)], ...lines]} width={width} height={height} />
}

const DOING: Readonly<Record<Wish, string>> = {
  sample: 'a sample comes',
  save: 'a checkpoint comes',
  evaluate: 'an evaluation comes',
}

export interface Asked {
  readonly controls: RunControls | undefined
  /** Asked to end after the step in progress. */
  readonly isEnding: boolean
}

/** The newest messages, and below them what was asked for and is not done yet. */
export function Messages({ state, asked, width, height }: Props & { readonly asked: Asked }) {
  const pending = [...waitingFor(asked)].map((text): Line => [styled(text, STRONG)]).slice(-height)
  const told = newest(state.messages, height - pending.length).map(messageLine)
  return <Picture lines={[...told, ...pending]} width={width} height={height} />
}

/** The last ones; yet what happens all the time hides no warning of the same step. */
function newest(messages: readonly Message[], most: number): readonly Message[] {
  if (most <= 0) return []
  const shown = messages.slice(-most)
  const last = shown.at(-1)
  const warning = messages.findLast(({ kind }) => kind === 'warning')
  if (!warning || shown.includes(warning) || last?.kind !== 'routine' || last.step !== warning.step) return shown
  return [warning, ...shown.slice(1)]
}

function* waitingFor({ controls, isEnding }: Asked): Generator<string> {
  for (const wish of controls?.wishes ?? []) yield `${DOING[wish]} after the step in progress`
  if (isEnding) yield 'stopping: the step in progress is finished and saved (Ctrl-C quits at once)'
}

function messageLine({ step, text, kind }: Message): Line {
  return [
    styled(`step ${count(step)}  `, QUIET),
    kind === 'warning' ? styled(onOneLine(text), COLOURS.warning) : plain(onOneLine(text)),
  ]
}

interface Key {
  readonly key: string
  readonly name: string
  readonly short: string
}

const LOOKING: readonly Key[] = [
  { key: 'l', name: 'linear/log', short: 'log' },
  { key: 'z', name: 'zoom', short: 'zoom' },
]
const QUITTING: Key = { key: 'q', name: 'quit', short: 'quit' }
const ASKING: readonly Key[] = [
  { key: 's', name: 'sample', short: 'sample' },
  { key: 'c', name: 'save', short: 'save' },
  { key: 'e', name: 'evaluate', short: 'eval' },
]

/** As many words as there is room for; then the letters alone. */
export function Keys({ controls, width }: { readonly controls: RunControls | undefined; readonly width: number }) {
  const pause = controls?.paused ? 'resume' : 'pause'
  const asking = controls ? [{ key: 'p', name: pause, short: pause }, ...ASKING] : []
  const keys = [...asking, ...LOOKING, QUITTING]
  const versions = [
    joined(
      keys.map(({ key, name }) => keyLine(key, ` ${name}`)),
      '   ',
    ),
    joined(
      keys.map(({ key, name }) => keyLine(key, ` ${name}`)),
      '  ',
    ),
    joined(
      keys.map(({ key, short }) => keyLine(key, ` ${short}`)),
      ' ',
    ),
    joined(
      [...asking, QUITTING].map(({ key, short }) => keyLine(key, ` ${short}`)),
      ' ',
    ),
    joined(
      keys.map(({ key }) => keyLine(key, '')),
      ' ',
    ),
  ]
  return <Picture lines={[firstFitting(versions, width)]} width={width} height={1} />
}

function keyLine(key: string, name: string): Line {
  return [styled(key, STRONG), styled(name, QUIET)]
}
