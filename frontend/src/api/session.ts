import { queryOptions } from '@tanstack/react-query'
import { api, body, leaving } from './client'

/** Who is signed in: it does not change while a page is open. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => body(api.GET('/api/session', { signal })),
  staleTime: Infinity,
})

export async function signInByToken(token: string): Promise<void> {
  await body(api.POST('/api/session/sign-in', { body: { token } }))
}

/** Ends the session here; answers where to go next: to the provider's own sign-out, or back here. */
export async function signOut(): Promise<string> {
  leaving.byChoice = true // what else is under way may be answered 401 before this is
  try {
    const done = await body(api.POST('/api/session/sign-out'))
    return done.provider_sign_out ?? SIGN_IN
  } catch (failure) {
    leaving.byChoice = false
    throw failure
  }
}

export const SIGN_IN = '/sign-in'
