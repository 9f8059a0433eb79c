import type { components, paths } from './schema'

type Schemas = components['schemas']

export type Dashboard = Schemas['Dashboard']
/** A number with its change; a KPI's, or that of a metric that only its page shows. */
export type Card = Schemas['Card']
export type Kpi = Schemas['Kpi']
export type KpiKey = Kpi['key']
export type TrendPoint = Schemas['TrendPoint']
export type Running = Schemas['Running']
export type Risk = Schemas['Risk']
export type Freshness = Schemas['Freshness']
export type Timeframe = Schemas['Timeframe']
export type Comparison = Schemas['Comparison']
export type Alert = Schemas['Alert']
export type AlertList = Schemas['AlertList']
export type AlertEvent = Schemas['AlertEvent']
export type Drivers = Schemas['Drivers']
export type Contribution = Schemas['Contribution']
export type KpiDetail = Schemas['KpiDetail']
export type Rows = Schemas['Rows']
export type SloReport = Schemas['SloReport']
export type Objective = Schemas['Objective']
export type ObjectiveDetail = Schemas['ObjectiveDetail']
export type ReleaseReport = Schemas['ReleaseReport']
export type QualityGates = Schemas['QualityGates']

type Sent = paths['/api/events']['post']['requestBody']['content']['application/json']
/** What people do on the page that is counted, and not measured. */
export type Feature = Extract<Sent, { event_type: 'feature_use' }>['meta']['feature']

export type MissingReason = NonNullable<Kpi['reason']>
export type DeltaReason = NonNullable<Kpi['deltaReason']>
export type Status = NonNullable<Kpi['status']>
