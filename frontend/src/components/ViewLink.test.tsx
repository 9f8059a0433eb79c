import { act, cleanup, render, screen, waitFor } from '@testing-library/preact'
import { afterEach, expect, it } from 'vitest'
import { navigate } from 'wouter/use-browser-location'
import { ViewLink, ViewLinks } from './ViewLink'

afterEach(cleanup)

const href = () => screen.getByRole('link').getAttribute('href')

it('follows another window once that is on the screen, not before', async () => {
  window.history.replaceState(null, '', '/dashboard?range=6m')
  render(
    <ViewLinks>
      <ViewLink to="/supply">Supply</ViewLink>
    </ViewLinks>,
  )
  expect(href()).toBe('/supply?range=6m&granularity=month')
  void act(() => navigate('/dashboard?range=6m&granularity=quarter'))
  expect(href()).toBe('/supply?range=6m&granularity=month')
  await waitFor(() => {
    expect(href()).toBe('/supply?range=6m&granularity=quarter')
  })
})
