import { Page } from '../../../kit/Page'
import { Empty } from '../../../kit/Placeholder'

export default function ImporterrorsPage() {
  return (
    <Page title="Import errors">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
