import { t } from '../kit/i18n'
import { Page } from '../kit/Page'
import { Gone } from '../kit/Placeholder'

/** A path that is no page of ours. */
export function NotFound() {
  return (
    <Page title={t('gone.page', 'Page not found')}>
      <Gone />
    </Page>
  )
}
