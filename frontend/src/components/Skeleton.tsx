import styles from './Skeleton.module.css'

/** A quiet block that holds the place of what is loading. `height` is a CSS length. */
export function Skeleton({ height = '1em', width = '100%' }: { height?: string; width?: string }) {
  return <span className={styles.skeleton} style={{ blockSize: height, inlineSize: width }} />
}
