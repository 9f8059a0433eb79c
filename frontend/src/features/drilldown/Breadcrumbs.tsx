import { ViewLink } from '@/components/ViewLink'
import { Icon } from '@/components/Icon'
import styles from './Breadcrumbs.module.css'

export interface Crumb {
  name: string
  /** Absent for a step that is no page of its own. */
  to?: string | undefined
}

/** The way back; the view of the URL goes with it. */
export function Breadcrumbs({ steps, here }: { steps: readonly Crumb[]; here: string }) {
  return (
    <nav aria-label="Breadcrumb" className={styles.breadcrumbs}>
      <ol>
        {steps.map(({ name, to }) => (
          <li key={name}>
            {to === undefined ? <span>{name}</span> : <ViewLink to={to}>{name}</ViewLink>}
            <Icon name="chevron" className={styles.chevron} />
          </li>
        ))}
        <li aria-current="page">{here}</li>
      </ol>
    </nav>
  )
}
