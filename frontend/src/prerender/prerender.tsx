import { goTo } from './environment'
import { renderToString } from 'preact-render-to-string'
import { adoptFirstData, type FirstData } from '@/api/firstData'
import { createQueryClient } from '@/app/queryClient'
import { Root } from '@/app/Root'

/**
 * The first screen as HTML, as the page itself draws it at first, for a reader of English. `first`
 * is the JSON that the document carries. The content security policy allows no `style` attributes:
 * they come as `data-style`, see `firstScreen.ts`.
 */
function prerender(pathname: string, first: string): string {
  const data = JSON.parse(first) as FirstData
  goTo(pathname, data.path.split('?')[1] ?? '')
  const client = createQueryClient()
  adoptFirstData(client, data)
  return renderToString(<Root queryClient={client} />).replaceAll(' style="', ' data-style="')
}

Object.assign(globalThis, { prerender })
