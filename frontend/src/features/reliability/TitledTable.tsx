import buttons from '@/components/SmallButton.module.css'
import head from '@/components/Head.module.css'
import { SortableTable, tableRows, type Column } from '@/components/SortableTable'
import TableDownload from '@/components/TableDownload'
import styles from './ObjectiveDetail.module.css'

interface Props<Item> {
  title: string
  /** Of which objective. */
  of: string
  columns: readonly Column<Item>[]
  items: readonly Item[]
  keyOf: (item: Item) => string
}

/** A table of an objective's details under its heading, and the same as a file. */
export function TitledTable<Item>({ title, of, columns, items, keyOf }: Props<Item>) {
  return (
    <>
      <header className={`${head.head} ${styles.head}`}>
        <h3 className={styles.heading}>{title}</h3>
        {items.length > 0 && (
          <div className={buttons.group}>
            <TableDownload title={`${of}: ${title}`} rows={() => tableRows(columns, items)} />
          </div>
        )}
      </header>
      {items.length > 0 && (
        <SortableTable
          caption={`${of}: ${title.toLowerCase()}`}
          columns={columns}
          items={items}
          keyOf={keyOf}
        />
      )}
    </>
  )
}
