// Texts that break tokenizers, for every kind of them.

/** By name; none of them holds a lone surrogate, because no corpus does. */
export const NASTY_TEXTS: Readonly<Record<string, string>> = {
  empty: '',
  'one space': ' ',
  'spaces between and around': '  two  spaces   three \n\n\n  end  ',
  contractions: "I'm you're he'll they've it's 'tis DON'T ''s x'd",
  emoji: '😀 smile 🎉🎉 party',
  'a family of joined emoji': '👨‍👩‍👧‍👦 and 🏳️‍🌈',
  'combining marks': 'e\u0301 n\u0303 Z\u0351\u036b\u0343\u036a',
  'line ends of all kinds': 'one\r\ntwo\rthree\nfour\u2028five\u2029six\u0085seven',
  NUL: 'a\0b\0\0c',
  'a byte order mark': '\ufeffstart \ufeff middle\ufeff',
  'NEL as a blank': 'a \u0085 b\u0085\u0085c \u0085',
  'other blanks': 'a\u00a0b\u3000c\u2009d\u200be\u180ef\u001cg',
  Chinese: '子曰：「學而時習之，不亦說乎？」有朋自遠方來，不亦樂乎？',
  'beyond U+FFFF': '𠀀𠀁 𝒳 \u{10ffff} \uffff \ufffd',
  'scripts from right to left': 'שלום العالم ١٢٣',
  digits: '3.14159 1,000,000 ½ ² Ⅷ ٣',
  'a special token': 'before <|endoftext|> after',
  'only a special token': '<|endoftext|>',
  'a long word': 'ab'.repeat(1500),
  code: 'if (a[i] !== b["\\n"]) {\n\treturn `x${y}`\n}\n',
}

/** Letters from the alphabet, drawn by a small generator (Numerical Recipes' constants), so that tests repeat. */
export function randomText(alphabet: string, length: number, seed: number): string {
  const characters = Array.from(alphabet)
  let state = seed
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return characters[Math.floor((state / 2 ** 32) * characters.length)]
  }).join('')
}
