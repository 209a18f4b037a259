import { Page } from '../../kit/Page'
import { Empty } from '../../kit/Placeholder'

export default function RunsPage() {
  return (
    <Page title="Runs">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
