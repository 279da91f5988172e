import { describe, expect, it } from 'vitest'
import { cells, colourDepth, lineCells, painted } from '../../src/ui/style.ts'

describe('painted', () => {
  const line = [{ text: 'loss ' }, { text: '1.92', style: { colour: 'green', bold: true } }] as const

  it('is the text alone where there are no colours', () => {
    expect(painted(line, 0)).toBe('loss 1.92')
  })

  it("uses the sixteen colours of the terminal's theme by name", () => {
    expect(painted(line, 1)).toBe('loss \u001B[1m\u001B[32m1.92\u001B[39m\u001B[22m')
  })

  it('shows an exact colour as near as the terminal can', () => {
    const orange = [{ text: 'x', style: { background: [255, 135, 0] } }] as const
    expect(painted(orange, 3)).toBe('\u001B[48;2;255;135;0mx\u001B[49m')
    expect(painted(orange, 2)).toBe('\u001B[48;5;214mx\u001B[49m')
  })
})

describe('colourDepth', () => {
  it('is none where NO_COLOR is set, and not where it is empty', () => {
    expect(colourDepth({ NO_COLOR: '1' })).toBe(0)
    expect(colourDepth({ NO_COLOR: '' })).toBe(colourDepth({}))
  })
})

describe('cells', () => {
  it('counts what a terminal fills: wide characters twice, joined ones once', () => {
    expect(['abc', '漢字', 'e\u0301', '👩‍👩‍👧'].map(cells)).toEqual([3, 4, 1, 2])
    expect(lineCells([{ text: 'ab' }, { text: '漢' }])).toBe(4)
  })
})
