import { Card } from '@/components/Card'
import styles from './NoDataYet.module.css'

/** What a new installation shows: how to bring data in. */
export function NoDataYet() {
  return (
    <Card title="No data imported yet" headingLevel={2} className={styles.card}>
      <p>Import your own orders; the other kinds of data follow the same way:</p>
      <pre className={styles.command}>execdash import orders orders.csv</pre>
      <p>Or look at an invented company first:</p>
      <pre className={styles.command}>execdash demo</pre>
      <p className={styles.note}>
        This page fills by itself as soon as there are numbers. <code>execdash import --help</code>{' '}
        lists all kinds and their columns.
      </p>
    </Card>
  )
}
