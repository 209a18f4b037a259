/** What a run was started with: dates, interval, by whom, conf, the asset events that led to it. */
import type { RunDetail } from '../../api/queries/drawers'
import { plural, t } from '../../kit/i18n'
import { JsonTree } from '../../kit/JsonTree'
import { Facts, Panel } from '../../kit/Page'
import { StateBadge } from '../../kit/StateBadge'
import { Duration, Time } from '../../kit/Time'
import { AssetEvents } from '../task/FactTabs'
import taskStyles from '../task/Task.module.css'

export function RunDetails({ detail }: { detail: RunDetail }) {
  const { run } = detail
  const hasConf = run.conf !== null && Object.keys(run.conf).length > 0
  return (
    <div className={taskStyles.stack}>
      {run.note && (
        <Panel title={t('note', 'Note')}>
          <p className={taskStyles.note}>{run.note}</p>
        </Panel>
      )}
      <Facts
        facts={[
          [t('run.id', 'Run id'), run.run_id],
          [t('state', 'State'), <StateBadge key="s" state={run.state} />],
          [t('run.type', 'Type'), run.type],
          [t('run.logical', 'Logical date'), <Time key="l" at={run.logical} mode="absolute" />],
          [t('run.intervalStart', 'Interval from'), <Time key="a" at={run.interval_start} mode="absolute" />],
          [t('run.intervalEnd', 'Interval to'), <Time key="b" at={run.interval_end} mode="absolute" />],
          [t('run.queued', 'Queued'), <Time key="q" at={run.queued} mode="absolute" />],
          [t('run.start', 'Start'), <Time key="c" at={run.start} mode="absolute" />],
          [t('run.end', 'End'), <Time key="d" at={run.end} mode="absolute" />],
          [t('run.took', 'Took'), run.start === null ? null : <Duration key="t" start={run.start} end={run.end} />],
          [t('run.source', 'Started by'), run.triggered_by],
          [t('run.version', 'DAG version'), run.version],
          run.clears > 0 && [t('run.clears', 'Cleared'), plural(run.clears, 'time', 'times')],
        ]}
      />
      <Panel title={t('run.conf', 'Conf')}>
        {hasConf ? (
          <JsonTree value={run.conf} open={2} label={t('run.conf', 'Conf')} />
        ) : (
          <p className="muted">{t('run.noConf', 'Started without one')}</p>
        )}
      </Panel>
      {detail.asset_events.length > 0 && (
        <Panel title={t('run.assets', 'Dataset events')}>
          <AssetEvents events={detail.asset_events} />
        </Panel>
      )}
    </div>
  )
}
