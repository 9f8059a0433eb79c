import { useRef } from 'react'
import { useLocation } from 'wouter'
import { BrandMark } from '@/components/Brand'
import { Icon } from '@/components/Icon'
import { ViewLink } from '@/components/ViewLink'
import { chooseTheme, useTheme } from '@/lib/theme'
import { reportUse } from '@/telemetry'
import styles from './Header.module.css'
import { PersonMenu } from './PersonMenu'
import { PAGE_GROUPS } from './titles'
import { useMayOpen } from './useSession'

const MENU = 'pages-menu'

function PageLink({ path, name }: { path: string; name: string }) {
  const [here] = useLocation()
  if (!useMayOpen(path, true)) return null
  return (
    <ViewLink
      to={path}
      className={styles.link}
      aria-current={here === path ? 'page' : undefined}
      data-drilldown={path === '/dashboard' ? undefined : true}
    >
      {name}
    </ViewLink>
  )
}

function PagesMenu() {
  const panel = useRef<HTMLDivElement>(null)
  return (
    <>
      <button type="button" className={styles.menu} popoverTarget={MENU} data-drilldown>
        All pages <Icon name="chevron" />
      </button>
      <div
        ref={panel}
        id={MENU}
        popover="auto"
        className={styles.panel}
        onClick={(event) => {
          if (event.target instanceof Element && event.target.closest('a') !== null) {
            panel.current?.hidePopover()
          }
        }}
      >
        {PAGE_GROUPS.map((group) => (
          <div key={group.name} className={styles.group} role="group" aria-label={group.name}>
            <p className={styles.groupName}>{group.name}</p>
            {group.pages.map((page) => (
              <PageLink key={page.path} {...page} />
            ))}
          </div>
        ))}
      </div>
    </>
  )
}

function ThemeButton() {
  const theme = useTheme()
  const other = theme === 'dark' ? 'light' : 'dark'
  return (
    <button
      type="button"
      className={styles.theme}
      aria-label={`Switch to the ${other} theme`}
      title={`Switch to the ${other} theme`}
      onClick={() => {
        chooseTheme(other)
        reportUse('theme')
      }}
    >
      <Icon name={other === 'dark' ? 'moon' : 'sun'} />
    </button>
  )
}

/** Name of the product, ways to all pages, theme. */
export function Header({ onCommands }: { onCommands: () => void }) {
  return (
    <header className={styles.header}>
      <ViewLink to="/dashboard" className={styles.brand}>
        <BrandMark />
        <span>
          Executive <span className={styles.long}>Dashboard</span>
        </span>
      </ViewLink>
      <nav className={styles.nav} aria-label="Pages">
        <div className={styles.direct}>
          <PageLink path="/dashboard" name="Dashboard" />
          <PageLink path="/sales/kpis/pipeline" name="Pipeline" />
          <PageLink path="/supply" name="Supply" />
          <PageLink path="/reliability" name="Reliability" />
        </div>
        <PagesMenu />
      </nav>
      <button
        type="button"
        className={styles.theme}
        aria-label="Commands"
        aria-keyshortcuts="Control+K"
        title="Commands (Ctrl K); all keys: ?"
        onClick={onCommands}
      >
        <Icon name="search" />
      </button>
      <PersonMenu />
      <ThemeButton />
    </header>
  )
}
