import '@/styles/tokens.css'
import '@/styles/base.css'
import '@/styles/kiosk.css'
import '@/styles/print.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { adoptFirstData } from '@/api/firstData'
import { SIGN_IN } from '@/api/session'
import { App } from '@/app/App'
import { createQueryClient } from '@/app/queryClient'
import { applyTheme } from '@/lib/theme'
import { recordWith, trackError } from '@/telemetry'
import { startRecorder } from '@/telemetry/start'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')

applyTheme()
// Whoever is not signed in yet may not send measurements.
recordWith(location.pathname === SIGN_IN ? null : startRecorder())
const queryClient = createQueryClient()
adoptFirstData(queryClient, document)
const onCaughtError = (error: unknown) => {
  trackError(error instanceof Error ? error.name : 'Error', 'render')
}
createRoot(root, { onCaughtError }).render(
  <StrictMode>
    <App queryClient={queryClient} />
  </StrictMode>,
)
