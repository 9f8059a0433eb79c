import { Notice } from '@/components/Notice'
import { ViewLink } from '@/components/ViewLink'
import { nameOf } from './titles'
import { usePerson } from './useSession'

/** An address without a page, with the way to a page that is this person's. */
export function NotFound() {
  const home = usePerson()?.pages[0] ?? '/dashboard'
  return (
    <Notice title="There is no such page" isPage>
      <ViewLink to={home}>Back to {nameOf(home) ?? 'the dashboard'}</ViewLink>
    </Notice>
  )
}
