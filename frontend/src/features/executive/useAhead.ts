import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { dashboardQuery } from '@/api/queries'
import type { Dashboard } from '@/api/types'
import { neighbours, type View } from '@/lib/view'
import { whenIdle } from '@/lib/whenIdle'

/** The same screen in the other granularity, once it is here and the browser has nothing to do. */
export function useAhead(view: View): Dashboard | undefined {
  const client = useQueryClient()
  const [ahead, setAhead] = useState<Dashboard>()
  useEffect(() => {
    let wanted = true
    const cancel = whenIdle(() => {
      const [other = view] = neighbours(view)
      client.query(dashboardQuery(other)).then(
        (dashboard) => {
          if (wanted) setAhead(dashboard)
        },
        () => undefined, // a switch to it will say why
      )
    })
    return () => {
      wanted = false
      cancel()
    }
  }, [client, view])
  return ahead
}
