import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, render, screen } from '@testing-library/preact'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it } from 'vitest'
import { problem, serve } from '@/testing/api'
import SignInPage, { pathAfter } from './SignInPage'

const ACCOUNTS = { accounts: true, person: null, sign_in: { provider: true, away: false } }

function open(search: string, session: object = ACCOUNTS) {
  history.replaceState(null, '', `/sign-in${search}`)
  const server = serve({
    'GET /api/session': () => session,
    'POST /api/session/sign-in': () => problem(401, 'This token lets nobody in.'),
  })
  render(
    <QueryClientProvider client={new QueryClient()}>
      <SignInPage />
    </QueryClientProvider>,
  )
  return server
}

afterEach(cleanup)

describe('the sign-in page', () => {
  it('leads to the provider, and from there to the page that was wanted', async () => {
    open('?next=%2Fsupply%3Frange%3D6m')
    const link = await screen.findByRole('link', { name: /company’s account/ })
    expect(link.getAttribute('href')).toBe('/sign-in/start?next=%2Fsupply%3Frange%3D6m')
    expect(screen.queryByRole('alert')).toBeNull()
  })

  it.each([
    ['?problem=refused', ACCOUNTS, /not signed in/],
    ['', { ...ACCOUNTS, sign_in: { provider: true, away: true } }, /does not answer/],
  ])('says what is wrong', async (search, session, words) => {
    open(search, session)
    expect((await screen.findByRole('alert')).textContent).toMatch(words)
  })

  it('says that a token is no good', async () => {
    const { asked } = open('', { ...ACCOUNTS, sign_in: { provider: false, away: false } })
    await userEvent.type(await screen.findByLabelText('Access token'), 'execdash_x')
    await userEvent.click(screen.getByRole('button', { name: 'Sign in with the token' }))
    expect((await screen.findByRole('alert')).textContent).toBe('This token lets nobody in.')
    expect(screen.queryByRole('link')).toBeNull()
    expect(asked).toContain('POST /api/session/sign-in')
  })

  it.each([
    ['?next=%2Fsupply', '/supply'],
    ['', '/'],
    ['?next=https%3A%2F%2Fevil.example', '/'],
    ['?next=%2F%2Fevil.example', '/'],
    ['?next=%2F%5Cevil.example', '/'],
    ['?next=javascript%3Aalert(1)', '/'],
  ])('goes nowhere else: %s', (search, path) => {
    expect(pathAfter(search)).toBe(path)
  })
})
