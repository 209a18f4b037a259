import { Page } from '../../kit/Page'
import { Empty } from '../../kit/Placeholder'

export default function AssetPage() {
  return (
    <Page title="Asset">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
