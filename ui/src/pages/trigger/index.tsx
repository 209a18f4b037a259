import { Page } from '../../kit/Page'
import { Empty } from '../../kit/Placeholder'

export default function TriggerPage() {
  return (
    <Page title="Trigger">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
