import { Page } from '../../kit/Page'
import { Empty } from '../../kit/Placeholder'

export default function DependenciesPage() {
  return (
    <Page title="Dependencies">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
