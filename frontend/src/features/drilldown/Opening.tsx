import { useId, useState } from 'react'
import choice from '@/components/Choice.module.css'
import { InnerContributions, type InnerProps } from '@/components/InnerContributions'
import { Select } from '@/components/Select'
import { isElement } from '@/lib/filters'
import { reportUse } from '@/telemetry'
import styles from './DriversCard.module.css'

/** Which contribution to open, and what it is made of. */
export function Opening(props: InnerProps) {
  const id = useId()
  const [opened, setOpened] = useState('')
  const { contributions } = props.drivers
  const names = [...new Set(contributions.map(({ name }) => name))].filter(isElement)
  return (
    <div className={styles.opening}>
      <span className={choice.choice}>
        <label htmlFor={id}>Look into</label>
        <Select
          id={id}
          className={choice.select}
          options={[
            { value: '', label: 'no contribution' },
            ...names.map((name) => ({ value: name, label: name })),
          ]}
          value={opened}
          onChange={(name) => {
            setOpened(name)
            if (name !== '') reportUse('drivers_inside')
          }}
        />
      </span>
      {opened !== '' && <InnerContributions key={opened} name={opened} {...props} />}
    </div>
  )
}
