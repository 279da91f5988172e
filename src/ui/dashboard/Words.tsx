// What the model writes, what there is to say, and which keys do something.

import type { Activity, Already, RunControls, Wish } from '../../gpt/controls.ts'
import { count } from '../format.ts'
import { clipped, onOneLine, wrapped } from '../fit.ts'
import { restWords } from '../pace.ts'
import { DIM, BOLD, type Line } from '../style.ts'
import { COLOURS, firstFitting, joined, plain, styled } from './lines.ts'
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
    const line = [styled(label, DIM), plain(clipped(onOneLine(text.trimStart()), width - label.length))]
    return <Picture lines={[line]} width={width} height={1} />
  }
  const lines = wrapped(text.replace(/^\s*\n/, ''), width).map((line): Line => [plain(line)])
  return <Picture lines={[[styled(title, BOLD)], ...lines]} width={width} height={height} />
}

/** What comes of each wish, while it is done, and when it has been. */
const WISHES: Readonly<Record<Wish, { readonly thing: string; readonly doing: Activity; readonly done: string }>> = {
  sample: { thing: 'a sample', doing: 'sampling', done: 'sampled' },
  save: { thing: 'a checkpoint', doing: 'saving', done: 'saved' },
  evaluate: { thing: 'an evaluation', doing: 'evaluating', done: 'evaluated' },
}

export interface Asked {
  readonly controls: RunControls | undefined
  /** Asked to end after the step in progress. */
  readonly isEnding: boolean
}

interface Pending {
  readonly asked: Asked
  readonly rested: number | undefined
}

/** The newest messages, and below them what was asked for and is not done yet, or that nothing comes any more. */
export function Messages({ state, asked, rested, width, height }: Props & Pending) {
  const rest = rested === undefined ? [] : [restWords(rested)]
  const pending = [...rest, ...waitingFor(asked)].map((text): Line => [styled(text, BOLD)]).slice(-height)
  const told = newest(withAnswer(state.messages, asked.controls?.already), height - pending.length).map(messageLine)
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

/** The messages, with the answer to a wish where it belongs among them. */
function withAnswer(messages: readonly Message[], already: Already | undefined): readonly Message[] {
  if (!already) return messages
  const { step } = already
  const text = `${inWords([...already.wishes].map((wish) => WISHES[wish].done))} already`
  const later = messages.findIndex((message) => message.step > step)
  return messages.toSpliced(later < 0 ? messages.length : later, 0, { step, text, kind: 'news' })
}

/** What is asked for and not begun, and the end. */
function* waitingFor({ controls, isEnding }: Asked): Generator<string> {
  const wishes = [...(controls?.wishes ?? [])].filter((wish) => WISHES[wish].doing !== controls?.activity)
  const isNext = controls?.activity !== 'training' || controls.paused
  if (wishes.length > 0) {
    const come = `${inWords(wishes.map((wish) => WISHES[wish].thing))} ${wishes.length === 1 ? 'comes' : 'come'}`
    yield isNext ? `${come} next` : `${come} after the step in progress`
  }
  if (isEnding) yield 'stopping: the step in progress is finished and saved (Ctrl-C quits at once)'
}

/** One, two and three. */
function inWords(things: readonly string[]): string {
  return things.length < 2 ? things.join('') : `${things.slice(0, -1).join(', ')} and ${things.at(-1)}`
}

function messageLine({ step, text, kind }: Message): Line {
  return [
    styled(`step ${count(step)}  `, DIM),
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

/** As many words as there is room for; then the letters alone. What can no longer be asked for has no key. */
export function Keys({ asked, width }: { readonly asked: Asked; readonly width: number }) {
  const { controls, isEnding } = asked
  const pause = controls?.paused ? 'resume' : 'pause'
  const asking = controls && !controls.closed && !isEnding ? [{ key: 'p', name: pause, short: pause }, ...ASKING] : []
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
  return [styled(key, BOLD), styled(name, DIM)]
}
