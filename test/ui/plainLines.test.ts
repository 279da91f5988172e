import { describe, expect, it } from 'vitest'
import type { StartedEvent } from '../../src/gpt/events.ts'
import { PlainLines } from '../../src/ui/plainLines.ts'
import { STARTED } from './dashboard/story.ts'

const started: StartedEvent = {
  ...STARTED,
  engine: { name: 'tfjs', detail: 'JavaScript', reason: 'tfjs-node is not installed' },
  notices: ['something to know'],
}

/** Lines after a run has begun. */
function begun(): PlainLines {
  const plain = new PlainLines()
  plain.lines(started)
  return plain
}

describe('plain lines', () => {
  it('say before the first step what will be trained, how, and what it will cost', () => {
    expect(new PlainLines().lines(started)).toEqual([
      'run        checkpoints/novel',
      'engine     tfjs: JavaScript (tfjs-node is not installed)',
      'corpus     novel, 1.1 MB: 1,003,854 tokens to train on, 111,540 to validate',
      'tokenizer  char, a vocabulary of 65',
      'model      4 layers, 4 heads, 128 wide, block 64: 804,096 parameters',
      'decay      18 tensors, 802,944 parameters decayed; 9, 1,152 not decayed',
      'steps      2,000 of 768 tokens each',
      "expected   2 min 5 s, and 28.6 MB of memory besides Node's own",
      'note: something to know',
    ])
  })

  it('say where a resumed run goes on', () => {
    expect(new PlainLines().lines({ ...started, event: 'resumed', step: 500 })[0]).toBe(
      'run        checkpoints/novel, resumed after step 500',
    )
  })

  it('show steps and evaluations in columns, with the pace since this session began', () => {
    const plain = begun()
    expect(
      plain.lines({
        event: 'evaluated',
        step: 0,
        elapsedSeconds: 1,
        trainLoss: 4.2,
        validationLoss: 4.25,
        best: false,
      }),
    ).toEqual(['step    0/2000  train 4.2000  validation 4.2500'])
    expect(
      plain.lines({
        event: 'step',
        step: 500,
        elapsedSeconds: 50,
        loss: 2.51234,
        learningRate: 1e-3,
        gradientNorm: 0.456,
        tokensPerSecond: 12_345.6,
      }),
    ).toEqual(['step  500/2000  loss 2.5123  lr 1.00e-3  grad 0.46  12,346 tok/s'])
    expect(
      plain.lines({
        event: 'evaluated',
        step: 500,
        elapsedSeconds: 50,
        trainLoss: 2.4,
        validationLoss: 2.45,
        best: true,
        tokensPerSecond: 12_345.6,
      }),
    ).toEqual(['step  500/2000  train 2.4000  validation 2.4500  (best)  12,346 tok/s  ETA 2 min 30 s'])
  })

  it('name what was saved, show a sample between rules, and end with the figure that counts', () => {
    const plain = begun()
    expect(
      plain.lines({
        event: 'saved',
        step: 500,
        elapsedSeconds: 9,
        folder: 'checkpoints/novel/step-000500',
        best: true,
      }),
    ).toEqual(['saved checkpoints/novel/step-000500 (best)'])
    const noise = { event: 'sampled', step: 250, elapsedSeconds: 9, text: 'th \n\x1bq'.repeat(20) } as const
    expect(plain.lines(noise)).toEqual([`step  250/2000  sample ${'th ⏎␛q'.repeat(12)}th…`]) // 75 cells of it
    expect(plain.lines({ event: 'sampled', step: 2000, elapsedSeconds: 9, text: 'Once' })).toEqual([
      '',
      '--- a sample after step 2000 ---',
      'Once',
      '---',
    ])
    const end = { event: 'finished', step: 2000, elapsedSeconds: 200, reason: 'completed' } as const
    expect(plain.lines({ ...end, validation: { loss: 1.9, tokens: 111_539, ofTokens: 111_539 } })).toEqual([
      'done: 2,000 steps in 3 min 20 s; validation loss 1.9000 over 111,539 tokens (the whole validation part)',
    ])
    expect(plain.lines({ ...end, validation: { loss: 1.9, tokens: 99, ofTokens: 111_539 } })[0]).toContain(
      '(the first of 111,539)',
    )
    expect(plain.lines({ ...end, step: 7, reason: 'interrupted' })).toEqual([
      'stopped after step 7, 3 min 20 s of training',
    ])
  })
})
