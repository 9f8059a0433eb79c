export type EventType =
  | 'page_view'
  | 'switch_range_or_granularity'
  | 'drilldown'
  | 'alert_click'
  | 'export_csv'
  | 'alerts_poll'
  | 'client_error'
  | 'feature_use'

/** Numbers are measurements, text is context; an absent measurement is left out. */
export type Meta = Readonly<Record<string, number | string>>

export interface RumEvent {
  readonly event_type: EventType
  /** UTC, ISO 8601, by this machine's clock. */
  readonly event_time: string
  /** UUIDv7; the same at every attempt to send, so that the server keeps it once. */
  readonly event_id: string
  readonly meta: Meta
}
