import { Page } from '../../../kit/Page'
import { Empty } from '../../../kit/Placeholder'

export default function RolesPage() {
  return (
    <Page title="Roles">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
