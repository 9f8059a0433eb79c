import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, body } from '@/api/client'
import { alertHistoryQuery, alertsQuery } from '@/api/queries'
import type { Alert } from '@/api/types'

export type Action =
  | { kind: 'acknowledge' }
  | { kind: 'resolve' }
  | { kind: 'assign'; assignee: string }
  | { kind: 'snooze'; until: string }

function send(alertId: number, action: Action): Promise<Alert> {
  const params = { params: { path: { alert_id: alertId } } }
  switch (action.kind) {
    case 'acknowledge':
      return body(api.POST('/api/alerts/{alert_id}/acknowledge', params))
    case 'resolve':
      return body(api.POST('/api/alerts/{alert_id}/resolve', params))
    case 'assign':
      return body(
        api.POST('/api/alerts/{alert_id}/assign', {
          ...params,
          body: { assignee: action.assignee },
        }),
      )
    case 'snooze':
      return body(
        api.POST('/api/alerts/{alert_id}/snooze', { ...params, body: { until: action.until } }),
      )
  }
}

/** Does something about one alert, and puts the answer on the screen without another poll. */
export function useAlertAction(alertId: number) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: async (action: Action) => {
      // A poll that is under way knows nothing of the change and would undo it on the screen.
      await client.cancelQueries({ queryKey: alertsQuery.queryKey })
      return send(alertId, action)
    },
    onSuccess: (changed) => {
      client.setQueryData(alertsQuery.queryKey, (list) =>
        list === undefined ? list : { ...list, alerts: withChanged(list.alerts, changed) },
      )
      return client.invalidateQueries({ queryKey: alertHistoryQuery(alertId).queryKey })
    },
  })
}

/** The list with one alert replaced, in its place; a resolved one is no longer current. */
export function withChanged(alerts: readonly Alert[], changed: Alert): Alert[] {
  return alerts
    .map((alert) => (alert.id === changed.id ? changed : alert))
    .filter((alert) => alert.status !== 'resolved')
}
