import { Page } from '../../../kit/Page'
import { Empty } from '../../../kit/Placeholder'

export default function AccesstokensPage() {
  return (
    <Page title="Access tokens">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
