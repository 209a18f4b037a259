import { Page } from '../../kit/Page'
import { Empty } from '../../kit/Placeholder'

export default function TaskinstancesPage() {
  return (
    <Page title="Task instances">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
