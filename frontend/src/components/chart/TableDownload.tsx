import { useState } from 'react'
import { csvName, toCsv } from '@/lib/csv'
import type { ChartTable } from './spec'
import styles from './ChartFigure.module.css'

const KEPT_MS = 60_000

/** The table as a file, made by the browser: exact numbers where the table knows them. */
export function TableDownload({ table, title }: { table: ChartTable; title: string }) {
  const [href, setHref] = useState<string>()
  const make = () => {
    const csv = toCsv([table.columns, ...(table.exact ?? table.rows)])
    const url = URL.createObjectURL(new Blob([csv], { type: 'text/csv' }))
    setTimeout(() => {
      URL.revokeObjectURL(url)
    }, KEPT_MS)
    setHref(url)
    return url
  }
  return (
    <a
      className={styles.toggle}
      href={href ?? '#'}
      download={csvName(title)}
      data-export="csv table"
      aria-label={`Download as CSV: ${title}`}
      onClick={(event) => {
        event.currentTarget.href = make()
      }}
    >
      CSV
    </a>
  )
}
