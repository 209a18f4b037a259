import { Page } from '../../../kit/Page'
import { Empty } from '../../../kit/Placeholder'

export default function ConnectionsPage() {
  return (
    <Page title="Connections">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
