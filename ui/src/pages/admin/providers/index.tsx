import { Page } from '../../../kit/Page'
import { Empty } from '../../../kit/Placeholder'

export default function ProvidersPage() {
  return (
    <Page title="Providers">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
