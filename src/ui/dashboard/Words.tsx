// What the model writes, what there is to say, and which keys do something.

import type { RunControls, Wish } from '../../gpt/controls.ts'
import { count } from '../format.ts'
import { cut, onOneLine, wrapped } from '../fit.ts'
import { visible } from '../visible.ts'
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
    const line = [styled(label, QUIET), plain(cut(onOneLine(text.trimStart()), width - label.length))]
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

/** The newest messages, what was asked for and is not done yet last. */
export function Messages({ state, asked, width, height }: Props & { readonly asked: Asked }) {
  const pending: Line[] = [...waitingFor(asked)].map((text) => [styled(text, STRONG)])
  const told = state.messages.map(messageLine)
  return <Picture lines={[...told, ...pending].slice(-height)} width={width} height={height} />
}

function* waitingFor({ controls, isEnding }: Asked): Generator<string> {
  for (const wish of controls?.wishes ?? []) yield `${DOING[wish]} after the step in progress`
  if (isEnding) yield 'stopping: the step in progress is finished and saved (Ctrl-C quits at once)'
}

function messageLine({ step, text, isWarning }: Message): Line {
  return [
    styled(`step ${count(step)}  `, QUIET),
    isWarning ? styled(visible(text), COLOURS.warning) : plain(visible(text)),
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
