import { useLayoutEffect, useRef, type ReactNode } from 'react'
import styles from './Modal.module.css'

interface Props {
  label: string
  onClose: () => void
  children: ReactNode
}

/** A dialog of the browser's own: it keeps the focus, and gives it back. */
export function Modal({ label, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const opened = dialog.current
    const before = document.activeElement
    opened?.showModal()
    return () => {
      opened?.close()
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      className={styles.modal}
      aria-label={label}
      onCancel={onClose}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose() // beside it
      }}
    >
      {children}
    </dialog>
  )
}
