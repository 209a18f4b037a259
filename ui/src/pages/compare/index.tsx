import { Page } from '../../kit/Page'
import { Empty } from '../../kit/Placeholder'

export default function ComparePage() {
  return (
    <Page title="Compare">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
