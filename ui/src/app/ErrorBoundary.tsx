/** A page that breaks does not take the frame with it. */
import { Component, type ReactNode } from 'react'
import { t } from '../kit/i18n'
import { Page } from '../kit/Page'
import { ErrorBox } from '../kit/Placeholder'

export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null }

  static getDerivedStateFromError(error: Error) {
    return { error }
  }

  override render() {
    const { error } = this.state
    if (!error) return this.props.children
    // After an upgrade the page's old files are gone from the server: a new load has the new ones.
    const isStale = /dynamically imported module|module script failed/i.test(error.message)
    return (
      <Page title={t('broken.title', 'This page could not be shown')}>
        <ErrorBox
          error={
            isStale
              ? new Error(t('broken.stale', 'tradewind was upgraded, or does not answer. Load the page again.'))
              : error
          }
          onRetry={() => (isStale ? location.reload() : this.setState({ error: null }))}
        />
      </Page>
    )
  }
}
