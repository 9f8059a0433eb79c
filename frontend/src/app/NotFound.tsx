import { Notice } from '@/components/Notice'
import { ViewLink } from '@/components/ViewLink'

export function NotFound() {
  return (
    <Notice title="There is no such page" titleAs="h1">
      <ViewLink to="/dashboard">Back to the dashboard</ViewLink>
    </Notice>
  )
}
