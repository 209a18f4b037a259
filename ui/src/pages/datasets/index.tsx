import { Page } from '../../kit/Page'
import { Empty } from '../../kit/Placeholder'

export default function AssetsPage() {
  return (
    <Page title="Assets">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
