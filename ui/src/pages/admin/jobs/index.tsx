import { Page } from '../../../kit/Page'
import { Empty } from '../../../kit/Placeholder'

export default function JobsandhealthPage() {
  return (
    <Page title="Jobs and health">
      <Empty title="This page is being built" icon="edit" />
    </Page>
  )
}
