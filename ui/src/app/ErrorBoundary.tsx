/** A page that breaks does not take the frame with it. */
import { Component, type ReactNode, useEffect } from 'react'
import { raw } from '../api/client'
import { t } from '../kit/i18n'
import { Page } from '../kit/Page'
import { ErrorBox } from '../kit/Placeholder'

const AGAIN_MS = 4000
const LOADED = 'tradewind.loadedAgain'

/** Loads the page again once the server answers; not twice within a minute, should that not help. */
function useReturn(isStale: boolean): void {
  useEffect(() => {
    if (!isStale) return
    const timer = setInterval(() => {
      if (Date.now() - Number(sessionStorage.getItem(LOADED) ?? 0) < 60_000) return
      raw('GET', '/health').then(
        () => {
          sessionStorage.setItem(LOADED, String(Date.now()))
          location.reload()
        },
        () => undefined,
      )
    }, AGAIN_MS)
    return () => clearInterval(timer)
  }, [isStale])
}

function Broken({ error, onRetry }: { error: Error; onRetry: () => void }) {
  // After an upgrade the page's old files are gone from the server: a new load has the new ones.
  const isStale = /dynamically imported module|module script failed/i.test(error.message)
  useReturn(isStale)
  const words = t(
    'broken.stale',
    'A part of this page could not be fetched. It is loaded again once the server answers.',
  )
  return (
    <Page title={t('broken.title', 'This page could not be shown')}>
      <ErrorBox error={isStale ? new Error(words) : error} onRetry={() => (isStale ? location.reload() : onRetry())} />
    </Page>
  )
}

export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null }

  static getDerivedStateFromError(error: Error) {
    return { error }
  }

  override render() {
    const { error } = this.state
    if (!error) return this.props.children
    return <Broken error={error} onRetry={() => this.setState({ error: null })} />
  }
}
