import { Page } from '../../../kit/Page'
import { Empty } from '../../../kit/Placeholder'

export default function PluginsPage() {
  return (
    <Page title="Plugins">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
