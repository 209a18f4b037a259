import { Page } from '../../../kit/Page'
import { Empty } from '../../../kit/Placeholder'

export default function ConfigurationPage() {
  return (
    <Page title="Configuration">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
