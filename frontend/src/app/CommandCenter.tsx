import { useEffect, useLayoutEffect } from 'react'
import { useKiosk } from '@/lib/kiosk'
import { reportUse } from '@/telemetry'
import { CommandPalette } from './CommandPalette'
import { runCommand, useCommands, type Command } from './commands'
import { Shortcuts } from './Shortcuts'
import { singleKeysAreOn } from './singleKeys'

export type Asked = 'palette' | 'shortcuts' | null

interface Props {
  asked: Asked
  onAsk: (asked: Asked) => void
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName))
  )
}

function useKeys(commands: readonly Command[], { asked, onAsk }: Props): void {
  const [isKiosk, setKiosk] = useKiosk()
  // Before the next key: an effect after the paint would come too late for a quick typist.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault()
        onAsk(asked === 'palette' ? null : 'palette')
        return
      }
      if (
        asked !== null ||
        document.querySelector('dialog[open]') !== null ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey
      )
        return
      if (event.key === 'Escape' && isKiosk) setKiosk(false)
      if (isTyping(event.target) || event.repeat || !singleKeysAreOn()) return
      if (event.key === '?') onAsk('shortcuts')
      else
        runCommand(
          commands.find(({ key }) => key === event.key),
          event,
        )
    }
    document.addEventListener('keydown', onKey)
    return () => {
      document.removeEventListener('keydown', onKey)
    }
  })
}

const OPENED = { palette: 'palette_open', shortcuts: 'shortcuts' } as const

/** Keys and the palette; loaded when the page is idle, or when the palette is asked for. */
export default function CommandCenter({ asked, onAsk }: Props) {
  const commands: Command[] = [
    ...useCommands(),
    { group: 'This screen', name: 'Keyboard shortcuts', run: () => onAsk('shortcuts') },
  ]
  useKeys(commands, { asked, onAsk })
  useEffect(() => {
    if (asked !== null) reportUse(OPENED[asked])
  }, [asked])
  const close = () => {
    onAsk(null)
  }
  if (asked === 'palette') return <CommandPalette commands={commands} onClose={close} />
  if (asked === 'shortcuts') return <Shortcuts commands={commands} onClose={close} />
  return null
}
