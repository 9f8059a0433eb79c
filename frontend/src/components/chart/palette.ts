import { PALETTE_NAMES, type Palette } from './spec'

/**
 * The theme's colours as the browser computes them.
 * A probe element resolves what a chart library cannot: `var()` and `light-dark()`.
 */
export function readPalette(host: HTMLElement): Palette {
  const probe = document.createElement('span')
  probe.hidden = true
  host.append(probe)
  const colours = PALETTE_NAMES.map((name) => {
    probe.style.color = `var(--chart-${name})`
    return [name, getComputedStyle(probe).color || 'currentColor'] as const
  })
  probe.remove()
  return Object.fromEntries(colours) as Palette
}
