import { describe, expect, it } from 'vitest'
import { markup } from '../../../src/ui/report/markup.ts'

const inElement = (text: string): string => markup`<p>${text}</p>`.text

describe('markup', () => {
  it('takes strings for text', () => {
    expect(inElement('</p><script>alert(1)</script>')).toBe('<p>&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;</p>')
    expect(markup`<p title="${`"'&`}"></p>`.text).toBe('<p title="&quot;&#39;&amp;"></p>')
  })

  it('takes markup for markup, one or several, and numbers', () => {
    const items = ['<', 'b'].map((name) => markup`<li>${name}</li>`)
    expect(markup`<ul>${items}</ul>${markup`<hr>`}${7}`.text).toBe('<ul><li>&lt;</li><li>b</li></ul><hr>7')
  })

  it('shows controls and what turns the direction of writing', () => {
    expect(inElement('a\u001B[31m\u0000\u007F\u0085\r')).toBe('<p>a␛[31m␀␡⟨U+0085⟩␍</p>')
    expect(inElement('\u202Eevil\u2066\u2028\uD800')).toBe('<p>⟨U+202E⟩evil⟨U+2066⟩⟨U+2028⟩⟨U+D800⟩</p>')
  })

  it('leaves lines, tabs and every script alone', () => {
    const text = 'a\n\tb é 漢字 👩‍👩‍👧 می‌خواهم'
    expect(inElement(text)).toBe(`<p>${text}</p>`)
  })
})
