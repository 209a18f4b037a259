import { Page } from '../../kit/Page'
import { Empty } from '../../kit/Placeholder'

export default function BackfillsPage() {
  return (
    <Page title="Backfills">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
