import { goTo } from './environment'
import { renderToString } from 'preact-render-to-string'
import { adoptFirstData, type FirstData } from '@/api/firstData'
import { createQueryClient } from '@/app/queryClient'
import { Root } from '@/app/Root'

/**
 * The first screen as HTML, as the page itself draws it at first, for a reader of English. `first`
 * is the JSON that the document carries. What is drawn has no `style` attributes: the content
 * security policy allows none.
 */
function prerender(pathname: string, first: string): string {
  const data = JSON.parse(first) as FirstData
  goTo(pathname, data.path.split('?')[1] ?? '')
  const client = createQueryClient()
  adoptFirstData(client, data)
  // The engine holds what was put together as a tree of parts; its Python side reads only whole text.
  return [renderToString(<Root queryClient={client} />)].join('')
}

Object.assign(globalThis, { prerender })
