import { Page } from '../../kit/Page'
import { Empty } from '../../kit/Placeholder'

export default function DAGPage() {
  return (
    <Page title="DAG">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
