import type { ChartTable } from './spec'

function line(name: string, value: string): HTMLElement {
  const row = document.createElement('div')
  const label = document.createElement('span')
  const number = document.createElement('strong')
  label.textContent = name
  number.textContent = value
  row.append(label, number)
  return row
}

/**
 * What a tooltip says about place `index`: the same cells as the table.
 * Elements rather than markup: no name is ever parsed as HTML, and no inline style is needed.
 */
export function tooltipContent(table: ChartTable, index: number, className: string): HTMLElement {
  const box = document.createElement('div')
  box.className = className
  box.dataset['tooltip'] = '' // left out on paper
  const [heading = '', ...cells] = table.rows[index] ?? []
  const title = document.createElement('div')
  title.textContent = heading
  box.append(title, ...cells.map((cell, place) => line(table.columns[place + 1] ?? '', cell)))
  return box
}
