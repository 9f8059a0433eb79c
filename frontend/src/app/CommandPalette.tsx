import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react'
import type { InputMoment } from '@/telemetry'
import { runCommand, type Command } from './commands'
import { Modal } from './Modal'
import styles from './CommandPalette.module.css'

interface Props {
  commands: readonly Command[]
  onClose: () => void
}

/** Those commands that have every word of the query somewhere in their name or group. */
export function matching(commands: readonly Command[], query: string): Command[] {
  const words = query.toLowerCase().split(/\s+/)
  return commands.filter(({ group, name }) => {
    const text = `${group} ${name}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

function Option({ id, command, selected }: { id: string; command: Command; selected: boolean }) {
  const item = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (selected) item.current?.scrollIntoView({ block: 'nearest' })
  }, [selected])
  return (
    <li ref={item} id={id} role="option" aria-selected={selected} className={styles.option}>
      <span>{command.name}</span>
      <span className={styles.group}>{command.group}</span>
      {command.key !== undefined && <kbd aria-hidden="true">{command.key}</kbd>}
    </li>
  )
}

/** Type a few letters, choose with the arrows, Enter. */
export function CommandPalette({ commands, onClose }: Props) {
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const id = useId()
  const found = matching(commands, query)
  const place = Math.min(at, found.length - 1)
  const run = (command: Command | undefined, input: InputMoment) => {
    if (command === undefined) return
    onClose()
    runCommand(command, input)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 }
    const step = steps[event.key]
    if (step !== undefined && found.length > 0) {
      event.preventDefault()
      setAt((place + step + found.length) % found.length)
    }
    if (event.key === 'Enter') {
      event.preventDefault()
      run(found[place], event.nativeEvent)
    }
  }
  return (
    <Modal label="Command palette" onClose={onClose}>
      <input
        className={styles.input}
        type="text"
        role="combobox"
        aria-label="Search commands"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={found.length > 0 ? `${id}-${place}` : undefined}
        placeholder="Page, number, window, export…"
        autoComplete="off"
        spellCheck={false}
        autoFocus
        value={query}
        onInput={(event) => {
          setQuery(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
      />
      <ul
        id={`${id}-list`}
        className={styles.list}
        role="listbox"
        aria-label="Commands"
        onClick={(event) => {
          const item = (event.target as Element).closest('[role="option"]')
          const index = item === null ? -1 : [...event.currentTarget.children].indexOf(item)
          run(found[index], event.nativeEvent)
        }}
      >
        {found.map((command, index) => (
          <Option
            key={`${command.group} ${command.name}`}
            id={`${id}-${index}`}
            command={command}
            selected={index === place}
          />
        ))}
      </ul>
      <p className={styles.none} role="status">
        {found.length === 0 ? `Nothing is called “${query}”` : ''}
      </p>
    </Modal>
  )
}
