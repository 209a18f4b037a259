import { Page } from '../../../kit/Page'
import { Empty } from '../../../kit/Placeholder'

export default function AuditlogPage() {
  return (
    <Page title="Audit log">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
