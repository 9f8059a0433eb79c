/** The API's objectives as the client types them: `openapi-fetch` widens a pair to an array. */
import type * as Api from '@/api/types'

type Widened<T> = Omit<T, 'interval'> & { interval?: number[] }

export type Objective = Widened<Api.Objective>
export type ObjectiveDetail = Widened<Api.ObjectiveDetail>
export type SloReport = Omit<Api.SloReport, 'objectives'> & { objectives: Objective[] }

export type ReleaseReport = Omit<Api.ReleaseReport, 'releases'> & {
  releases: Widened<Api.ReleaseReport['releases'][number]>[]
}
