import { useLayoutEffect, useRef, type PointerEvent as Pressed } from 'react'
import styles from './Segmented.module.css'

interface Props<T extends string> {
  label: string
  /** Null where none of the options is chosen. */
  value: T | null
  options: readonly { value: T; label: string }[]
  /** `input` is the event behind the choice, for measuring how long a switch takes. */
  onChange: (value: T, input: Event) => void
  /** Beside a heading: smaller than a control of the page. */
  dense?: boolean
}

function isPress({ pointerType, button, ctrlKey }: Pressed): boolean {
  return pointerType === 'mouse' && button === 0 && !ctrlKey // with it, a Mac opens a menu
}

/** Calls `undo` when what is pressed now is let go beside where `element` is now, or taken away. */
function whenLetGoBeside(element: Element, undo: (input: Event) => void): void {
  const { left, right, top, bottom } = element.getBoundingClientRect()
  const end = new AbortController()
  const letGo = (event: PointerEvent) => {
    end.abort()
    const { clientX: x, clientY: y, type } = event
    const isOn = left <= x && x <= right && top <= y && y <= bottom
    if (type === 'pointercancel' || !isOn) undo(event)
  }
  addEventListener('pointerup', letGo, end)
  addEventListener('pointercancel', letGo, end)
}

/**
 * A choice of few, all visible. With a mouse it is made when the button goes down, a tenth of a
 * second before it is let go; whoever lets go beside it did not mean it, and has the former choice
 * back. A finger may be about to scroll: it chooses as the keys do, by a click.
 */
export function Segmented<T extends string>({
  label,
  value,
  options,
  onChange,
  dense = false,
}: Props<T>) {
  const latest = useRef(onChange)
  useLayoutEffect(() => {
    latest.current = onChange
  })
  return (
    <div className={styles.group} data-dense={dense} role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          className={styles.option}
          aria-pressed={option.value === value}
          onPointerDown={(event) => {
            if (value === null || option.value === value || !isPress(event)) return
            whenLetGoBeside(event.currentTarget, (input) => latest.current(value, input))
            onChange(option.value, event.nativeEvent)
          }}
          onClick={(event) => {
            if (option.value !== value) onChange(option.value, event.nativeEvent)
          }}
        >
          {option.label}
        </button>
      ))}
    </div>
  )
}
