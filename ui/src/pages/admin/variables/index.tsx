import { Page } from '../../../kit/Page'
import { Empty } from '../../../kit/Placeholder'

export default function VariablesPage() {
  return (
    <Page title="Variables">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
