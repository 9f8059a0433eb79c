import '@/styles/tokens.css'
import '@/styles/base.css'
import '@/styles/kiosk.css'
import '@/styles/print.css'
import { createRoot, hydrateRoot } from 'react-dom/client'
import { adoptFirstData, readFirstData } from '@/api/firstData'
import { fetchInTurn, neighbourScreens } from '@/api/prefetch'
import { SIGN_IN } from '@/api/session'
import { createQueryClient } from '@/app/queryClient'
import { Root } from '@/app/Root'
import { recordWith } from '@/telemetry'
import { startRecorder } from '@/telemetry/start'

/** Draws the page, or takes over what came with the document and was on the screen at `seenAt`. */
export function start(root: HTMLElement, seenAt: number | null): void {
  // Whoever is not signed in yet may not send measurements.
  recordWith(location.pathname === SIGN_IN ? null : startRecorder(seenAt))
  const queryClient = createQueryClient()
  const first = readFirstData(document)
  if (first !== null) {
    // What a click may ask for is on its way before the page can be clicked: a switch that waits
    // for its numbers draws twice.
    const view = adoptFirstData(queryClient, first)
    void fetchInTurn(neighbourScreens(queryClient, view))
  }
  const page = <Root queryClient={queryClient} />
  if (root.firstElementChild === null) createRoot(root).render(page)
  else hydrateRoot(root, page)
}
