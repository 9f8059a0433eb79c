import { Component, type ReactNode } from 'react'
import { Notice } from '@/components/Notice'

interface State {
  failed: boolean
}

/** Keeps a mistake on one page from taking the whole screen with it. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { failed: false }

  static getDerivedStateFromError(): State {
    return { failed: true }
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
