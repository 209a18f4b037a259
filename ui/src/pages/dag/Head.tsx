/** The DAG's head: what it is, when it runs next, and the few things one does with it. */
import { type UseQueryResult, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { del, patch, put, seg, v1 } from '../../api/client'
import { type DagHead, dagKey } from '../../api/queries/dag'
import { Button, IconButton } from '../../kit/Button'
import { Chip } from '../../kit/Chip'
import { t } from '../../kit/i18n'
import { useKeys } from '../../kit/keys'
import { Menu, Popover } from '../../kit/Menu'
import { Switch } from '../../kit/Switch'
import { Time } from '../../kit/Time'
import { toast, toastError } from '../../kit/Toast'
import { useDag } from './context'
import styles from './dag.module.css'

const Markdown = lazy(async () => ({
  default: (await import('../../kit/Markdown')).Markdown,
}))

function useHeadActions(dagId: string) {
  const client = useQueryClient()
  const change = (part: Partial<DagHead>) =>
    client.setQueryData<DagHead>(dagKey(dagId), (old) => (old ? { ...old, ...part } : old))
  const pause = async (paused: boolean, withUndo = true): Promise<void> => {
    change({ paused })
    try {
      await patch(v1(`/dags/${seg(dagId)}`), { is_paused: paused })
      if (withUndo) {
        toast({
          text: paused
            ? t('dag.paused', 'Paused {dag}', { dag: dagId })
            : t('dag.resumed', 'Resumed {dag}', { dag: dagId }),
          undo: () => void pause(!paused, false),
        })
      }
    } catch (problem) {
      change({ paused: !paused })
      toastError(t('dag.pauseFailed', 'The DAG was not changed'), problem)
    }
  }
  const star = async (starred: boolean): Promise<void> => {
    change({ starred })
    try {
      await (starred ? put(v1(`/dags/${seg(dagId)}/star`)) : del(v1(`/dags/${seg(dagId)}/star`)))
      void client.invalidateQueries({ queryKey: ['home'] })
    } catch (problem) {
      change({ starred: !starred })
      toastError(t('dag.starFailed', 'The star was not kept'), problem)
    }
  }
  return { pause, star }
}

export function Head({ query }: { query: UseQueryResult<DagHead> }) {
  const { dagId, may, ask, openTab } = useDag()
  const { pause, star } = useHeadActions(dagId)
  const head = query.data
  useKeys(
    [
      {
        keys: 'p',
        label: t('dag.pause', 'Pause or resume'),
        group: 'DAG',
        run: () => head && may('e') && void pause(!head.paused),
      },
    ],
    head !== undefined,
  )
  const docs = head?.doc_md || head?.description
  return (
    <header className={styles.head}>
      <div className={styles.headRow}>
        {head && may('e') && (
          <Switch
            checked={!head.paused}
            onChange={(on) => void pause(!on)}
            label={head.paused ? t('dag.isPaused', 'Paused: switch on') : t('dag.isOn', 'Active: pause')}
          />
        )}
        <h1 className={styles.name} title={dagId}>
          {head?.name || dagId}
        </h1>
        {head?.paused && <Chip tone="warn">{t('dag.pausedWord', 'paused')}</Chip>}
        {head?.import_error && <Chip tone="danger">{t('dag.broken', 'import error')}</Chip>}
        <span className={styles.tags}>
          {head?.tags?.map((tag) => (
            <Chip key={tag} icon="tag" to={`/dags?tag=${encodeURIComponent(tag)}`}>
              {tag}
            </Chip>
          ))}
        </span>
        <span className={styles.spring} />
        {head && (
          <>
            {docs && (
              <Popover
                label={t('dag.docs', 'Documentation')}
                width={520}
                align="end"
                trigger={(props) => <IconButton icon="info" label={t('dag.docs', 'Documentation')} {...props} />}
              >
                <div className={styles.docs}>
                  {head.description && head.doc_md && <p className="muted">{head.description}</p>}
                  <Suspense fallback={<pre>{docs}</pre>}>
                    <Markdown text={docs} />
                  </Suspense>
                </div>
              </Popover>
            )}
            <IconButton
              icon={head.starred ? 'starFilled' : 'star'}
              label={head.starred ? t('dag.unstar', 'Remove the star') : t('dag.star', 'Star')}
              pressed={head.starred ?? false}
              onClick={() => void star(!head.starred)}
            />
            <Menu
              label={t('dag.more', 'More')}
              align="end"
              trigger={(props) => <IconButton icon="more" label={t('dag.more', 'More')} {...props} />}
              items={[
                ...(may('t')
                  ? [
                      {
                        label: t('dag.backfill', 'Backfill…'),
                        icon: 'calendar' as const,
                        onSelect: () => ask({ kind: 'backfill' }),
                      },
                    ]
                  : []),
                {
                  label: t('dag.code', 'Code'),
                  icon: 'code',
                  onSelect: () => openTab('code'),
                },
                {
                  label: t('dag.details', 'Details'),
                  icon: 'info',
                  onSelect: () => openTab('details'),
                },
                {
                  label: t('dag.allRuns', 'All its task instances'),
                  icon: 'grid',
                  to: `/task_instances?dag_id=${encodeURIComponent(dagId)}`,
                },
              ]}
            />
            {may('t') && (
              <Button
                variant="primary"
                icon="play"
                aria-label={t('dag.trigger', 'Trigger')}
                onClick={() => ask({ kind: 'trigger' })}
              >
                <span className={styles.wide}>{t('dag.trigger', 'Trigger')}</span>
              </Button>
            )}
          </>
        )}
      </div>
      <dl className={styles.facts}>{head ? <HeadFacts head={head} /> : <div>&nbsp;</div>}</dl>
    </header>
  )
}

function HeadFacts({ head }: { head: DagHead }) {
  return (
    <>
      <Fact name={t('dag.schedule', 'Schedule')}>
        <span title={head.cron_title ?? head.timetable ?? undefined}>
          {head.schedule && head.schedule !== 'None' ? head.schedule : t('dag.none', 'none')}
        </span>
      </Fact>
      <Fact name={t('dag.next', 'Next run')}>
        {head.paused ? (
          t('dag.notPaused', 'not while paused')
        ) : (
          <Time at={head.next?.at} none={t('dag.noNext', 'none planned')} />
        )}
      </Fact>
      <Fact name={t('dag.active', 'Active')}>
        {head.active_runs ?? 0}
        {head.max_active_runs ? ` / ${head.max_active_runs}` : ''}
      </Fact>
      {head.owners && head.owners.length > 0 && <Fact name={t('dag.owner', 'Owner')}>{head.owners.join(', ')}</Fact>}
      {head.version != null && <Fact name={t('dag.version', 'Version')}>{head.version}</Fact>}
    </>
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
