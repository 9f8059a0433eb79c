import styles from './Skeleton.module.css'

interface Props {
  /** CSS lengths; where the server draws, a class has to give them: it may write no styles. */
  height?: string
  width?: string
  className?: string | undefined
}

/** A quiet block that holds the place of what is loading. */
export function Skeleton({ height, width, className = '' }: Props) {
  const size = height === undefined ? undefined : { blockSize: height, inlineSize: width }
  return <span className={`${styles.skeleton} ${className}`} style={size} />
}
