import { useId, useState } from 'react'
import choice from '@/components/Choice.module.css'
import { InnerContributions, type InnerProps } from '@/components/InnerContributions'
import { isElement } from '@/lib/filters'
import { reportUse } from '@/telemetry'
import styles from './DriversCard.module.css'

/** Which contribution to open, and what it is made of. */
export function Opening(props: InnerProps) {
  const id = useId()
  const [opened, setOpened] = useState('')
  const names = new Set(props.drivers.contributions.map(({ name }) => name))
  return (
    <div className={styles.opening}>
      <span className={choice.choice}>
        <label htmlFor={id}>Look into</label>
        <select
          id={id}
          value={opened}
          onChange={(event) => {
            setOpened(event.target.value)
            if (event.target.value !== '') reportUse('drivers_inside')
          }}
        >
          <option value="">no contribution</option>
          {[...names].filter(isElement).map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </span>
      {opened !== '' && <InnerContributions key={opened} name={opened} {...props} />}
    </div>
  )
}
