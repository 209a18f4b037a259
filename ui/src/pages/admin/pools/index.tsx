import { Page } from '../../../kit/Page'
import { Empty } from '../../../kit/Placeholder'

export default function PoolsPage() {
  return (
    <Page title="Pools">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
