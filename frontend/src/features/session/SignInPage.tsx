import { useQuery } from '@tanstack/react-query'
import { useState, type SyntheticEvent } from 'react'
import { useSearch } from 'wouter'
import { sessionQuery, signInByToken } from '@/api/session'
import { BrandMark } from '@/components/Brand'
import styles from './SignInPage.module.css'

const PROBLEMS: Readonly<Record<string, string>> = {
  away: 'The sign-in service of your company does not answer. Whoever is signed in stays signed in.',
  refused: 'You were not signed in. Please try again.',
  unavailable: 'Signing in with your company’s account is not set up here.',
}

/** A path of this service to go on to: never anywhere else. */
export function pathAfter(search: string): string {
  const wanted = new URLSearchParams(search).get('next') ?? '/'
  return /^\/(?![/\\])[^\\]*$/.test(wanted) ? wanted : '/'
}

function TokenForm({ next }: { next: string }) {
  const [problem, setProblem] = useState<string | null>(null)
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault()
    const token = new FormData(event.currentTarget).get('token')
    if (typeof token !== 'string') return
    signInByToken(token.trim()).then(
      () => location.assign(next),
      (error: unknown) => setProblem(error instanceof Error ? error.message : 'It did not work.'),
    )
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      <label className={styles.label} htmlFor="token">
        Access token
      </label>
      <input
        id="token"
        name="token"
        type="password"
        className={styles.input}
        required
        maxLength={200}
        autoComplete="off"
      />
      {problem !== null && (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      )}
      <button type="submit" className={styles.button}>
        Sign in with the token
      </button>
    </form>
  )
}

/** Where a person without a session arrives. */
export default function SignInPage() {
  const search = useSearch()
  const next = pathAfter(search)
  const { data } = useQuery(sessionQuery)
  const problem = new URLSearchParams(search).get('problem')
  const said = data?.sign_in.away === true ? PROBLEMS['away'] : PROBLEMS[problem ?? '']
  return (
    <section className={styles.card} aria-labelledby="sign-in">
      <p className={styles.brand}>
        <BrandMark /> Executive Dashboard
      </p>
      <h1 id="sign-in" className={styles.title}>
        Sign in
      </h1>
      {said !== undefined && (
        <p className={styles.problem} role="alert">
          {said}
        </p>
      )}
      {data?.sign_in.provider === true && (
        <a className={styles.button} href={`/sign-in/start?next=${encodeURIComponent(next)}`}>
          Sign in with your company’s account
        </a>
      )}
      {data?.accounts === false && <a href={next}>There are no accounts here: go on</a>}
      {data?.accounts === true && <TokenForm next={next} />}
    </section>
  )
}
