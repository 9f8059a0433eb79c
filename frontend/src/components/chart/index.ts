import './tokens.css'

export { Sparkline, type SparklineProps } from './Sparkline'
export { TrendSvg, type TrendSvgProps } from './TrendSvg'
export type { RunningRow, TrendRow } from './trendGeometry'
