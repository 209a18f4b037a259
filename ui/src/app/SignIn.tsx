/** The page of those who are not signed in. The address stays: after signing in it shows what was asked for. */
import { type FormEvent, useState } from 'react'
import { getBoot } from '../api/boot'
import { ApiError, urlOf } from '../api/client'
import { Button } from '../kit/Button'
import { Field, Input } from '../kit/Field'
import { t } from '../kit/i18n'
import { Icon } from '../kit/icons'
import { usePageTitle } from '../kit/Page'
import { useStore } from '../kit/store'
import styles from './SignIn.module.css'
import { reloadBoot, session, signIn } from './session'
import { Logo } from './TopBar'

export function SignIn() {
  const boot = getBoot()
  const { ended } = useStore(session)
  usePageTitle(t('signIn', 'Sign in'))
  const isUnavailable = boot.is_unavailable === true
  const hasNone = !boot.login.password && boot.login.providers.length === 0
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <div className={styles.brand}>
          <Logo size={36} />
          <h1>{boot.instance_name}</h1>
        </div>
        {ended && (
          <p className={styles.note} role="status">
            <Icon name="clock" /> {t('signIn.ended', 'Your session has ended. Sign in to go on where you were.')}
          </p>
        )}
        {isUnavailable ? (
          <Unavailable />
        ) : (
          <>
            {boot.login.password && <PasswordForm />}
            {boot.login.providers.map((provider) => (
              <a
                key={provider.url}
                className={styles.provider}
                href={`${provider.url}?next=${encodeURIComponent(here())}`}
              >
                <Icon name="lock" />
                {t('signIn.with', 'Sign in with {name}', { name: provider.name })}
              </a>
            ))}
            {hasNone && (
              <p className={styles.note}>
                {t(
                  'signIn.none',
                  'Signing in by browser is off here. An administrator can turn it on: add the session back end to [api] auth_backends.',
                )}
              </p>
            )}
          </>
        )}
      </div>
      <p className={styles.foot}>
        tradewind {boot.version} · <a href={urlOf('/api/v1/ui/')}>REST API</a>
      </p>
    </main>
  )
}

/** Where one is, without the base path. */
function here(): string {
  const base = getBoot().base.replace(/\/$/, '')
  return location.pathname.slice(base.length) + location.search || '/'
}

function PasswordForm() {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [problem, setProblem] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setProblem('')
    try {
      await signIn(name, password)
    } catch (error) {
      const isWrong = error instanceof ApiError && error.status === 401
      setProblem(
        isWrong
          ? t('signIn.wrong', 'Name or password is wrong.')
          : error instanceof Error
            ? error.message
            : String(error),
      )
      setPassword('')
      setBusy(false)
    }
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      <Field label={t('signIn.name', 'User name')}>
        <Input
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          autoFocus
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Field label={t('signIn.password', 'Password')}>
        <Input
          name="password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
      {problem && (
        <p className={styles.problem} role="alert">
          <Icon name="error" /> {problem}
        </p>
      )}
      <Button type="submit" variant="primary" busy={busy}>
        {t('signIn', 'Sign in')}
      </Button>
    </form>
  )
}

function Unavailable() {
  const [busy, setBusy] = useState(false)
  const again = () => {
    setBusy(true)
    reloadBoot()
      .catch(() => undefined)
      .finally(() => setBusy(false))
  }
  return (
    <div className={styles.form} role="alert">
      <p className={styles.problem}>
        <Icon name="error" /> {t('signIn.down', 'The server runs, but its database does not answer.')}
      </p>
      <Button icon="retry" busy={busy} onClick={again}>
        {t('error.retry', 'Retry')}
      </Button>
    </div>
  )
}
