/** How DAGs hang together: by assets, by triggering and by waiting for one another. */
import { useMemo } from 'react'
import { useNavigate } from 'react-router'
import { seg } from '../../api/client'
import { useDependencies } from '../../api/queries/dag'
import { GraphView } from '../../graph/GraphView'
import { betterDirection, type GraphAnswer } from '../../graph/model'
import { Checkbox } from '../../kit/Field'
import { t } from '../../kit/i18n'
import { Page } from '../../kit/Page'
import { Empty, ErrorBox, Skeleton } from '../../kit/Placeholder'
import { useUrlState } from '../../kit/useUrlState'

const STATE = { dir: '', around_node: '', as_table: false, alone: false }
const NO_STATUS = () => null

/** Without the nodes that nothing leads to or from. */
function connected(answer: GraphAnswer): GraphAnswer {
  const named = new Set(answer.edges.flatMap((edge) => edge.slice(0, 2)))
  return {
    ...answer,
    nodes: answer.nodes.filter((node) => named.has(node.id)),
  }
}

export default function DependenciesPage() {
  const [state, setState] = useUrlState(STATE)
  const navigate = useNavigate()
  const query = useDependencies()
  const answer = useMemo(
    () => (query.data && !state.alone ? connected(query.data) : query.data),
    [query.data, state.alone],
  )
  const open = (id: string) => {
    const node = answer?.nodes.find((one) => one.id === id)
    if (!node) return
    if (node.type === 'asset')
      navigate(node.asset_id ? `/assets/${node.asset_id}` : `/assets?q=${encodeURIComponent(node.label)}`)
    else if (node.type === 'dag') navigate(`/dags/${seg(node.label)}`)
    else setState({ around_node: `${id}~1` })
  }
  return (
    <Page
      fill
      title={t('dependencies.title', 'DAG dependencies')}
      toolbar={
        <Checkbox
          label={t('dependencies.alone', 'DAGs without dependencies too')}
          checked={state.alone}
          onChange={(event) => setState({ alone: event.target.checked })}
        />
      }
    >
      {query.error && !answer ? (
        <ErrorBox error={query.error} onRetry={() => void query.refetch()} />
      ) : !answer ? (
        <Skeleton rows={12} />
      ) : answer.nodes.length === 0 ? (
        <Empty title={t('dependencies.none', 'No DAG depends on another')} icon="graph">
          {t(
            'dependencies.how',
            'Schedule one on a dataset, trigger one from another, or wait for one with a sensor: it will show here.',
          )}
        </Empty>
      ) : (
        <GraphView
          key={String(state.alone)}
          answer={answer}
          cacheKey={`dependencies ${answer.nodes.length} ${answer.edges.length}`}
          label={t('dependencies.label', 'Graph of the dependencies between DAGs')}
          direction={
            state.dir === 'TB' || state.dir === 'LR'
              ? state.dir
              : betterDirection(answer, innerWidth * (innerWidth < 900 ? 0.95 : 0.6), innerHeight - 220)
          }
          onDirection={(dir) => setState({ dir })}
          focus={state.around_node}
          onFocus={(around_node) => setState({ around_node })}
          isTable={state.as_table}
          onTable={(as_table) => setState({ as_table })}
          statusOf={NO_STATUS}
          statusKey=""
          onOpen={open}
        />
      )}
    </Page>
  )
}
