import './tokens.css'

export { Chart } from './Chart'
export { ChartFigure } from './ChartFigure'
export { Sparkline } from './Sparkline'
export { TrendChart } from './TrendChart'
export type { Format, LegendItem } from './spec'
