// What moves on the page: pointing at a curve or a map, or arrow keys on it, shows its values. Without it all is there
// but the values of single cells. It runs in browsers, and puts text into the page as text alone.

export const SCRIPT = `'use strict'
const clamp = (value, max) => Math.max(0, Math.min(max, value))
const make = (parent, name, attributes) => {
  const element = document.createElementNS(parent.namespaceURI, name)
  return set(parent.appendChild(element), attributes)
}
const set = (element, attributes) => {
  for (const name in attributes) element.setAttribute(name, attributes[name])
  return element
}
const nearest = (sorted, wanted) => {
  let [low, high] = [0, sorted.length - 1]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (sorted[middle] <= wanted) low = middle
    else high = middle
  }
  return wanted - sorted[low] <= sorted[high] - wanted ? low : high
}

for (const plot of document.querySelectorAll('[data-chart]')) {
  const { x, y, curves } = JSON.parse(plot.dataset.chart)
  const steps = [...new Set(curves.flatMap((curve) => curve.steps))].sort((a, b) => a - b)
  const outputs = [...plot.closest('figure').querySelectorAll('output')]
  const atRest = outputs.map((output) => output.textContent)
  const across = (step) => (100 * (step - x[0])) / (x[1] - x[0]) + '%'
  const line = plot.querySelector('.cursor line')
  const dots = plot.querySelectorAll('.cursor circle')
  let current = steps.length - 1
  const read = (index) => {
    current = clamp(index, steps.length - 1)
    const step = steps[current]
    plot.classList.add('reading')
    set(line, { x1: across(step), x2: across(step) })
    outputs[0].textContent = step.toLocaleString('en-US')
    curves.forEach((curve, number) => {
      const point = nearest(curve.steps, step)
      const at = curve.steps[point]
      const down = (100 * (y[1] - curve.values[point])) / (y[1] - y[0])
      outputs[number + 1].textContent = curve.values[point] + (at === step ? '' : ' at ' + at.toLocaleString('en-US'))
      set(dots[number], { cx: across(at), cy: (down || 0) + '%', visibility: isNaN(down) ? 'hidden' : 'visible' })
    })
  }
  const rest = () => {
    plot.classList.remove('reading')
    outputs.forEach((output, index) => (output.textContent = atRest[index]))
  }
  const point = (event) => {
    const { left, width } = plot.getBoundingClientRect()
    read(nearest(steps, x[0] + (x[1] - x[0]) * clamp((event.clientX - left) / width, 1)))
  }
  for (const title of plot.querySelectorAll('title')) title.remove()
  plot.addEventListener('pointermove', point)
  plot.addEventListener('pointerdown', point)
  plot.addEventListener('pointerleave', rest)
  plot.addEventListener('blur', rest)
  plot.addEventListener('keydown', (event) => {
    const page = Math.ceil(steps.length / 10)
    const moves = { ArrowLeft: -1, ArrowRight: 1, PageUp: -page, PageDown: page, Home: -Infinity, End: Infinity }
    if (!(event.key in moves)) return
    event.preventDefault()
    read(current + moves[event.key])
  })
}

const attention = document.getElementById('attention')
if (attention) {
  const tokens = JSON.parse(attention.dataset.tokens)
  const chips = attention.querySelectorAll('.tokens li')
  const tip = document.body.appendChild(document.createElement('div'))
  tip.id = 'tip'
  tip.setAttribute('role', 'status')
  for (const map of attention.querySelectorAll('[data-map]')) {
    map.querySelector('title').remove()
    let cell
    let at = [tokens.length - 1, tokens.length - 1]
    const rest = () => {
      cell?.remove()
      cell = undefined
      tip.textContent = ''
      for (const chip of chips) chip.className = ''
    }
    const read = (row, column) => {
      rest()
      at = [row, column] = [clamp(row, tokens.length - 1), clamp(column, tokens.length - 1)]
      const digits = map.dataset.map.substr(row * (row + 1) + 2 * column, 2)
      const weight = column > row ? 'masked' : (parseInt(digits, 36) / 1000).toFixed(3)
      cell = make(map, 'rect', { class: 'cell', x: column, y: row, width: 1, height: 1 })
      tip.textContent = map.getAttribute('aria-label').split(':')[0] + '\\n' + tokens[row] + ' reads ' + tokens[column] + ': ' + weight
      chips[column].className = 'read'
      chips[row].className = 'reads'
      const box = cell.getBoundingClientRect()
      tip.style.left = clamp(box.right + 12, innerWidth - tip.offsetWidth - 8) + 'px'
      tip.style.top = clamp(box.top - tip.offsetHeight - 12, innerHeight - tip.offsetHeight - 8) + 'px'
    }
    const point = (event) => {
      const { left, top, width, height } = map.getBoundingClientRect()
      const place = (share) => clamp(Math.floor(share * tokens.length), tokens.length - 1)
      read(place((event.clientY - top) / height), place((event.clientX - left) / width))
    }
    map.addEventListener('pointermove', point)
    map.addEventListener('pointerdown', point)
    map.addEventListener('pointerleave', rest)
    map.addEventListener('blur', rest)
    map.addEventListener('keydown', (event) => {
      const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }
      if (!(event.key in moves)) return
      event.preventDefault()
      read(at[0] + moves[event.key][0], at[1] + moves[event.key][1])
    })
  }
}
`

/** What the page's policy knows the script by; a test computes it anew. */
export const SCRIPT_HASH = 'sha256-gb75B1MG0Lrf+RFXlVhgUI93Npc2NK3Brqz8OElQP/U='
