import { Page } from '../../kit/Page'
import { Empty } from '../../kit/Placeholder'

export default function TimelinePage() {
  return (
    <Page title="Timeline">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
