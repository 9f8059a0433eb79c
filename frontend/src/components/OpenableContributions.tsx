import { useState } from 'react'
import type { Contribution } from '@/api/types'
import { Contributions } from './Contributions'
import { InnerContributions, type InnerProps } from './InnerContributions'

interface Props extends InnerProps {
  items: readonly Contribution[]
  /** One is opened. */
  onOpen: () => void
}

/** Contributions of which each opens its own contributions. */
export function OpenableContributions({ items, onOpen, ...shown }: Props) {
  const [opened, setOpened] = useState<string | null>(null)
  const item = items.find(({ name, kind }) => `${name} ${kind}` === opened)
  return (
    <Contributions
      items={items}
      format={shown.format}
      goodDirection={shown.goodDirection}
      opening={{
        opened,
        toggle: (name) => {
          setOpened(name === opened ? null : name)
          if (name !== opened) onOpen()
        },
        inside: item && <InnerContributions name={item.name} {...shown} />,
      }}
    />
  )
}
