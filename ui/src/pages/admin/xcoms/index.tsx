import { Page } from '../../../kit/Page'
import { Empty } from '../../../kit/Placeholder'

export default function XComsPage() {
  return (
    <Page title="XComs">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
