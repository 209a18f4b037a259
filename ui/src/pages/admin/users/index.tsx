import { Page } from '../../../kit/Page'
import { Empty } from '../../../kit/Placeholder'

export default function UsersPage() {
  return (
    <Page title="Users">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
