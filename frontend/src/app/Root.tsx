import type { QueryClient } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { App } from './App'

/** All that is drawn: by the browser, and by the server before it. */
export function Root({ queryClient }: { queryClient: QueryClient }) {
  return (
    <StrictMode>
      <App queryClient={queryClient} />
    </StrictMode>
  )
}
