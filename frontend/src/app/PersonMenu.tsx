import { signOut } from '@/api/session'
import { reportUse, sendBeforeLeaving } from '@/telemetry'
import styles from './Header.module.css'
import { usePerson } from './useSession'

/** Who is signed in, and the way out. Without accounts there is nobody to show. */
export function PersonMenu() {
  const person = usePerson()
  if (person === undefined || person === null) return null
  const leave = async () => {
    reportUse('sign_out')
    await sendBeforeLeaving() // afterwards nobody would take it
    location.replace(await signOut())
  }
  return (
    <div className={styles.person}>
      <span className={styles.personName} title={person.roles.join(', ')}>
        {person.name}
      </span>
      <button type="button" className={styles.menu} onClick={() => void leave()}>
        Sign out
      </button>
    </div>
  )
}
