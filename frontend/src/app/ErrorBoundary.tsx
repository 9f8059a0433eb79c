import { Component, type ReactNode } from 'react'
import { Notice } from '@/components/Notice'
import { isKiosk } from '@/lib/kiosk'
import { trackError } from '@/telemetry'

const ON_A_WALL_AGAIN_MS = 60_000

interface State {
  failed: boolean
}

/** Keeps a mistake on one page from taking the whole screen with it. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { failed: false }

  static getDerivedStateFromError(): State {
    return { failed: true }
  }

  override componentDidCatch(error: unknown): void {
    trackError(error instanceof Error ? error.name : 'Error', 'render')
    // On a wall nobody presses "Try again".
    if (isKiosk()) setTimeout(() => location.reload(), ON_A_WALL_AGAIN_MS)
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children
    return (
      <Notice title="This page failed" tone="act" onRetry={() => location.reload()}>
        <p>The mistake is ours and has been reported.</p>
      </Notice>
    )
  }
}
