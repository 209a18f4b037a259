/** Datasets: what DAGs make for one another, and whose queue is how far. */
import { useMemo } from 'react'
import { Link, useNavigate } from 'react-router'
import { can } from '../../api/boot'
import { type Asset, useAssets } from '../../api/queries/assets'
import { Chip } from '../../kit/Chip'
import { LinkButton } from '../../kit/Button'
import { number, t } from '../../kit/i18n'
import type { Column } from '../../kit/Table'
import { Time } from '../../kit/Time'
import { useUrlState } from '../../kit/useUrlState'
import { AdminList } from '../admin/shared/AdminList'
import styles from '../admin/shared/admin.module.css'
import { Consumers, Producers } from './Named'

const STATE = { waiting: false }
const keyOf = (asset: Asset) => String(asset.id)
const textOf = (asset: Asset) =>
  [
    asset.uri,
    ...asset.consumers.map((one) => one.dag_id),
    ...asset.producers.map((one) => `${one.dag_id} ${one.task_id}`),
  ].join('\n')

/** Whether a DAG has begun to gather its datasets and this one, or another, is still missing. */
const isWaitedFor = (asset: Asset) => asset.consumers.some((one) => one.ready > 0 && one.ready < one.needs)

const COLUMNS: readonly Column<Asset>[] = [
  {
    id: 'uri',
    head: t('asset.uri', 'Dataset'),
    grow: 3,
    min: 180,
    fixed: true,
    sort: (asset) => asset.uri,
    cell: (asset) => (
      <Link to={`/assets/${asset.id}`} className={styles.name} title={asset.uri}>
        {asset.uri}
      </Link>
    ),
  },
  {
    id: 'producers',
    head: t('asset.producers', 'Made by'),
    grow: 3,
    min: 150,
    sort: (asset) => asset.producers.length,
    csv: (asset) => asset.producers.map((one) => `${one.dag_id}.${one.task_id}`).join(' '),
    cell: (asset) => <Producers asset={asset} />,
  },
  {
    id: 'consumers',
    head: t('asset.consumers', 'Waited for by'),
    grow: 3,
    min: 150,
    title: t('asset.consumersTitle', 'With how many of its datasets have news for the next run'),
    sort: (asset) => asset.consumers.length,
    csv: (asset) => asset.consumers.map((one) => one.dag_id).join(' '),
    cell: (asset) => <Consumers asset={asset} />,
  },
  {
    id: 'events',
    head: t('asset.events', 'Events'),
    width: 80,
    align: 'end',
    descFirst: true,
    sort: (asset) => asset.events ?? 0,
    cell: (asset) => number(asset.events ?? 0),
  },
  {
    id: 'last',
    head: t('asset.last', 'Last event'),
    width: 110,
    descFirst: true,
    sort: (asset) => asset.last_event,
    cell: (asset) => <Time at={asset.last_event} none={t('asset.never', 'never')} />,
  },
]

export default function DatasetsPage() {
  const [{ waiting }, setUrl] = useUrlState(STATE)
  const query = useAssets(can('can_read', 'Datasets'))
  const navigate = useNavigate()
  const all = query.data?.assets
  const rows = useMemo(() => (waiting ? all?.filter(isWaitedFor) : all), [all, waiting])
  return (
    <AdminList
      name="assets"
      title={t('asset.title', 'Datasets')}
      needs="Datasets"
      rows={rows}
      error={query.error}
      onRetry={() => void query.refetch()}
      columns={COLUMNS}
      keyOf={keyOf}
      textOf={textOf}
      sort={{ id: 'uri', desc: false }}
      searchLabel={t('asset.search', 'Filter by dataset, DAG or task')}
      onOpen={(asset) => navigate(`/assets/${asset.id}`)}
      isFiltered={waiting}
      onClearFilters={() => setUrl({ waiting: false })}
      actions={
        can('can_read', 'DAG Dependencies') && (
          <LinkButton to="/dependencies" icon="graph">
            {t('asset.graph', 'Graph of all')}
          </LinkButton>
        )
      }
      filters={
        <Chip
          selected={waiting}
          count={all ? all.filter(isWaitedFor).length : undefined}
          onClick={() => setUrl({ waiting: !waiting })}
        >
          {t('asset.waitingFor', 'DAGs wait')}
        </Chip>
      }
      narrow={(asset) => (
        <span className={styles.narrow}>
          <span className={styles.name}>{asset.uri}</span>
          <span className={`${styles.line} muted`}>
            <span className="truncate">
              {t('asset.sums', '{a} in, {b} out', { a: asset.producers.length, b: asset.consumers.length })}
            </span>
            <Time at={asset.last_event} none={t('asset.never', 'never')} />
          </span>
        </span>
      )}
      empty={{
        title: t('asset.none', 'No dataset yet'),
        icon: 'asset',
        text: t(
          'asset.noneText',
          'A task that names a dataset in its outlets makes it; a DAG scheduled on datasets waits for them.',
        ),
      }}
    />
  )
}
