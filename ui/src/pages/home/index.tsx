import { Page } from '../../kit/Page'
import { Empty } from '../../kit/Placeholder'

export default function HomePage() {
  return (
    <Page title="Home">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
