import { toCsv } from '@/lib/csv'
import { fileName, type TableRows } from '@/lib/tableFile'
import { toXlsx } from '@/lib/xlsx'
import styles from './SmallButton.module.css'

const KEPT_MS = 60_000

const KINDS = [
  { ending: 'csv', name: 'CSV', made: (rows: TableRows) => new Blob([toCsv(rows)]) },
  { ending: 'xlsx', name: 'Excel', made: toXlsx },
] as const

interface Props {
  title: string
  /** The header and the rows, numbers unrounded; asked for when a file is. */
  rows: () => TableRows
}

/** The table as a file, made by the browser. */
export default function TableDownload({ title, rows }: Props) {
  return (
    <span className={styles.group}>
      {KINDS.map(({ ending, name, made }) => (
        <a
          key={ending}
          className={styles.button}
          href="#"
          download={fileName(title, ending)}
          data-export={`${ending} table`}
          aria-label={`Download as ${name}: ${title}`}
          onClick={({ currentTarget: link }) => {
            const url = URL.createObjectURL(made(rows()))
            link.href = url
            setTimeout(() => {
              URL.revokeObjectURL(url)
            }, KEPT_MS)
          }}
        >
          {name}
        </a>
      ))}
    </span>
  )
}
