import { useNavigate, useParams } from 'react-router'
import { Drawer } from '../../kit/Drawer'
import { Empty } from '../../kit/Placeholder'

export default function RunPage() {
  const { dag_id = '', run_id = '' } = useParams()
  const navigate = useNavigate()
  return (
    <Drawer title={run_id} onClose={() => navigate(`/dags/${encodeURIComponent(dag_id)}`)}>
      <Empty title="This page is being built" icon="edit" />
    </Drawer>
  )
}
