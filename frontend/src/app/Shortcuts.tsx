import { useState } from 'react'
import type { Command } from './commands'
import { Modal } from './Modal'
import { singleKeysAreOn, switchSingleKeys } from './singleKeys'
import styles from './Shortcuts.module.css'

interface Props {
  commands: readonly Command[]
  onClose: () => void
}

const ALWAYS = [
  { keys: ['Ctrl', 'K'], name: 'Command palette: every page, number and action' },
  { keys: ['?'], name: 'This list' },
  { keys: ['Esc'], name: 'Close what is open; leave kiosk mode' },
]

/** All keys, and a way to do without single ones. */
export function Shortcuts({ commands, onClose }: Props) {
  const [on, setOn] = useState(singleKeysAreOn)
  const keyed = commands.flatMap(({ key, name }) =>
    key === undefined ? [] : [{ keys: [key], name }],
  )
  return (
    <Modal label="Keyboard shortcuts" onClose={onClose}>
      <div className={styles.body} tabIndex={0} role="region" aria-label="Keys">
        <h2>Keyboard shortcuts</h2>
        <dl className={styles.keys}>
          {[...ALWAYS, ...keyed].map(({ keys, name }) => (
            <div key={name} className={styles.row}>
              <dt>
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{name}</dd>
            </div>
          ))}
        </dl>
        <label className={styles.choice}>
          <input
            type="checkbox"
            checked={on}
            onChange={({ currentTarget: { checked } }) => {
              switchSingleKeys(checked)
              setOn(checked)
            }}
          />
          Single keys, such as “q” (the palette always works)
        </label>
        <button type="button" className={styles.close} onClick={onClose}>
          Close
        </button>
      </div>
    </Modal>
  )
}
