import '@/styles/tokens.css'
import '@/styles/base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { adoptFirstData } from '@/api/firstData'
import { App } from '@/app/App'
import { createQueryClient } from '@/app/queryClient'
import { applyTheme } from '@/lib/theme'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')

applyTheme()
const queryClient = createQueryClient()
adoptFirstData(queryClient, document)
createRoot(root).render(
  <StrictMode>
    <App queryClient={queryClient} />
  </StrictMode>,
)
