/** One dataset: who makes it, who waits for it, what happened; and an event by hand. */
import { useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { can } from '../../api/boot'
import { type Asset, type AssetEvent, createAssetEvent, useAsset } from '../../api/queries/assets'
import { useDependencies } from '../../api/queries/dag'
import { betterDirection, focusOn } from '../../graph/model'
import { GraphView } from '../../graph/GraphView'
import { TriggerDialog } from '../../forms'
import { Button } from '../../kit/Button'
import { Code } from '../../kit/Code'
import { Segmented } from '../../kit/Field'
import { number, t } from '../../kit/i18n'
import { JsonTree } from '../../kit/JsonTree'
import { Menu } from '../../kit/Menu'
import { Facts, Page, Panel } from '../../kit/Page'
import { Empty, ErrorBox, Forbidden, Skeleton } from '../../kit/Placeholder'
import { StateBadge } from '../../kit/StateBadge'
import { type Column, Table } from '../../kit/Table'
import { Time } from '../../kit/Time'
import { useUrlState } from '../../kit/useUrlState'
import admin from '../admin/shared/admin.module.css'
import { FormDialog } from '../admin/shared/dialogs'
import styles from '../datasets/datasets.module.css'
import { mayTrigger } from '../task/permissions'
import { Consumers, Producers } from '../datasets/Named'

const STATE = { dir: '', depth: '1', as_table: false }
const enc = encodeURIComponent
const NO_STATUS = () => null
const runOf = (dagId: string, runId: string) => `/dags/${enc(dagId)}/runs/${enc(runId)}`

const COLUMNS: readonly Column<AssetEvent>[] = [
  {
    id: 'at',
    head: t('asset.at', 'When'),
    width: 110,
    fixed: true,
    sort: (one) => one.at,
    cell: (one) => <Time at={one.at} />,
  },
  {
    id: 'by',
    head: t('asset.by', 'By'),
    grow: 2,
    min: 130,
    sort: (one) => one.dag_id,
    cell: (one) =>
      one.dag_id && one.run_id && one.task_id ? (
        <Link
          to={`${runOf(one.dag_id, one.run_id)}/tasks/${enc(one.task_id)}${(one.map_index ?? -1) >= 0 ? `/mapped/${one.map_index}` : ''}`}
          title={one.run_id}
        >
          {one.dag_id} › {one.task_id}
        </Link>
      ) : (
        <span className="muted">{t('asset.byHand', 'by hand or API')}</span>
      ),
  },
  {
    id: 'runs',
    head: t('asset.runs', 'Runs that it made'),
    grow: 2,
    min: 140,
    cell: (one) =>
      one.runs.length === 0 ? (
        <span className="muted">–</span>
      ) : (
        <span className={styles.named}>
          {one.runs.slice(0, 2).map((run) => (
            <Link key={`${run.dag_id} ${run.run_id}`} to={runOf(run.dag_id, run.run_id)} title={run.run_id}>
              <StateBadge state={run.state} text={run.dag_id} />
            </Link>
          ))}
          {one.runs.length > 2 && <span className="muted">+{one.runs.length - 2}</span>}
        </span>
      ),
  },
  {
    id: 'extra',
    head: t('asset.extra', 'Extra'),
    grow: 2,
    min: 110,
    csv: (one) => JSON.stringify(one.extra),
    cell: (one) => {
      const text = JSON.stringify(one.extra)
      return text === '{}' ? null : (
        <span className="mono muted truncate" title={text}>
          {text}
        </span>
      )
    },
  },
]

export default function DatasetPage() {
  const { asset_id: id = '' } = useParams()
  const mayRead = can('can_read', 'Datasets')
  const query = useAsset(id, mayRead)
  const client = useQueryClient()
  const [isMaking, setMaking] = useState(false)
  const [run, setRun] = useState<string | null>(null)
  const { asset, events } = query.data ?? {}
  const title = asset?.uri ?? t('asset.one', 'Dataset')
  if (!mayRead || (query.error && !asset))
    return (
      <Page title={title}>
        {mayRead ? (
          <ErrorBox error={query.error} what={title} onRetry={() => void query.refetch()} />
        ) : (
          <Forbidden permission={t('permission.read', 'can read on {what}', { what: 'Datasets' })} />
        )}
      </Page>
    )
  return (
    <Page
      title={title}
      sub={asset?.orphaned && t('asset.orphaned', 'No DAG names it any more')}
      actions={
        asset && (
          <>
            <Materialise asset={asset} onChoose={setRun} />
            {can('can_create', 'Datasets') && (
              <Button variant="primary" icon="plus" onClick={() => setMaking(true)}>
                {t('asset.create', 'Create event')}
              </Button>
            )}
          </>
        )
      }
    >
      {!asset || !events ? (
        <Skeleton rows={12} />
      ) : (
        <div className={styles.columns}>
          <div className={styles.stack}>
            <Around uri={asset.uri} />
            <Panel title={t('asset.eventsTitle', 'Events')} flush>
              <Table
                name="asset.events"
                label={t('asset.eventsTitle', 'Events')}
                noBar
                maxHeight={420}
                columns={COLUMNS}
                rows={events}
                keyOf={(one) => String(one.id)}
                sort={{ id: 'at', desc: true }}
                empty={
                  <Empty title={t('asset.noEvent', 'No event yet')} icon="asset">
                    {t('asset.noEventText', 'One comes when a task that makes the dataset succeeds.')}
                  </Empty>
                }
              />
            </Panel>
          </div>
          <div className={`${styles.stack} ${styles.wrap}`}>
            <Panel title={t('asset.facts', 'Details')}>
              <Facts
                facts={[
                  [t('asset.producers', 'Made by'), <Producers key="p" asset={asset} all />],
                  [t('asset.consumers', 'Waited for by'), <Consumers key="c" asset={asset} all />],
                  [
                    t('asset.last', 'Last event'),
                    <Time key="l" at={asset.last_event} none={t('asset.never', 'never')} />,
                  ],
                  [t('asset.events', 'Events'), number(asset.events ?? 0)],
                  [t('asset.created', 'Known since'), <Time key="k" at={asset.created} />],
                ]}
              />
            </Panel>
            {Object.keys(asset.extra).length > 0 && (
              <Panel title={t('asset.extra', 'Extra')}>
                <JsonTree value={asset.extra} open={2} />
              </Panel>
            )}
          </div>
        </div>
      )}
      {run !== null && <TriggerDialog dagId={run} onClose={() => setRun(null)} />}
      {isMaking && asset && (
        <EventDialog
          uri={asset.uri}
          onClose={() => setMaking(false)}
          onDone={() => void client.invalidateQueries({ queryKey: ['assets'] })}
        />
      )}
    </Page>
  )
}

/** Has the dataset made: by a run of a DAG that makes it. */
function Materialise(props: { asset: Asset; onChoose: (dagId: string) => void }) {
  const makers = [...new Set(props.asset.producers.map((one) => one.dag_id))].filter(mayTrigger)
  const [only] = makers
  const label = t('asset.materialise', 'Materialise')
  if (only === undefined) return null
  if (makers.length === 1)
    return (
      <Button icon="play" title={only} onClick={() => props.onChoose(only)}>
        {label}
      </Button>
    )
  return (
    <Menu
      label={label}
      items={makers.map((dagId) => ({ label: dagId, icon: 'play', onSelect: () => props.onChoose(dagId) }))}
      trigger={(trigger) => (
        <Button icon="play" {...trigger}>
          {label}
        </Button>
      )}
    />
  )
}

/** What lies around the dataset, up to five steps. */
function Around({ uri }: { uri: string }) {
  const [state, setState] = useUrlState(STATE)
  const query = useDependencies()
  const navigate = useNavigate()
  const depth = Math.min(5, Math.max(1, Number(state.depth) || 1))
  const answer = useMemo(() => {
    const node = query.data?.nodes.find(
      (one) => one.type === 'asset' && (one.label === uri || one.id === `asset:${uri}`),
    )
    return query.data && node ? focusOn(query.data, node.id, depth) : null
  }, [query.data, uri, depth])
  if (query.error || (query.data && (!answer || answer.edges.length === 0))) return null
  return (
    <Panel
      title={t('asset.around', 'Around it')}
      flush
      actions={
        <Segmented
          label={t('asset.depth', 'Steps')}
          value={String(depth)}
          onChange={(value) => setState({ depth: value })}
          options={['1', '2', '3', '4', '5'].map((value) => ({ value, label: value }))}
        />
      }
    >
      <div className={styles.graph}>
        {answer ? (
          <GraphView
            key={depth}
            answer={answer}
            cacheKey={`asset ${uri} ${depth}`}
            label={t('asset.aroundOf', 'What lies around {uri}', { uri })}
            direction={
              state.dir === 'TB' || state.dir === 'LR'
                ? state.dir
                : betterDirection(answer, innerWidth * (innerWidth < 900 ? 0.95 : 0.6), 380)
            }
            onDirection={(dir) => setState({ dir })}
            focus=""
            onFocus={() => undefined}
            isTable={state.as_table}
            onTable={(isTable) => setState({ as_table: isTable })}
            statusOf={NO_STATUS}
            statusKey=""
            onOpen={(nodeId) => {
              const node = answer.nodes.find((one) => one.id === nodeId)
              if (node?.type === 'dag') navigate(`/dags/${enc(node.label)}`)
              else if (node?.type === 'asset') navigate(`/assets?q=${enc(node.label)}`)
            }}
          />
        ) : (
          <Skeleton rows={8} />
        )}
      </div>
    </Panel>
  )
}

function EventDialog(props: { uri: string; onClose: () => void; onDone: () => void }) {
  const [text, setText] = useState('{}')
  let extra: unknown = null
  try {
    extra = JSON.parse(text)
  } catch {
    // Said below the field; the button waits.
  }
  const isObject = typeof extra === 'object' && extra !== null && !Array.isArray(extra)
  const submit = async () => {
    await createAssetEvent(props.uri, extra)
    props.onDone()
    return t('asset.created_event', 'Event created')
  }
  return (
    <FormDialog
      title={t('asset.create', 'Create event')}
      onClose={props.onClose}
      submit={submit}
      disabled={!isObject}
      submitLabel={t('asset.create', 'Create event')}
    >
      <p className={admin.full}>
        {t('asset.createText', 'DAGs that wait for')} <code>{props.uri}</code>{' '}
        {t('asset.createText2', 'see it as if a task had made it.')}
      </p>
      <div className={admin.full}>
        <Code
          text={text}
          language="json"
          label={t('asset.extraJson', 'Extra, a JSON object')}
          onChange={setText}
          minHeight={100}
          maxHeight={260}
        />
        {!isObject && <p className={admin.bad}>{t('asset.noObject', 'A JSON object, as {"rows": 12}')}</p>}
      </div>
    </FormDialog>
  )
}
