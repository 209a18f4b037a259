/** Two to five runs of a DAG beside one another: conf, version, and each task's state and time. */
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { Link, useParams, useSearchParams } from 'react-router'
import { get, seg, ui, v1 } from '../../api/client'
import { ConfDiff } from '../../forms/ConfDiff'
import { IconButton } from '../../kit/Button'
import { Segmented, Select } from '../../kit/Field'
import { plural, t } from '../../kit/i18n'
import { Page, Panel } from '../../kit/Page'
import { Empty, ErrorBox, Skeleton } from '../../kit/Placeholder'
import { StateBadge } from '../../kit/StateBadge'
import { Duration, Time } from '../../kit/Time'
import { runUrl } from '../task/place'
import styles from './Compare.module.css'
import { chosen, type CompareAnswer, LETTERS, lengthOf, longestOf, rowsOf, signed } from './model'
import { TaskTable } from './TaskTable'
import { VersionDiff } from './VersionDiff'

export default function ComparePage() {
  const { dag_id = '' } = useParams()
  const [params, setParams] = useSearchParams()
  const names = chosen(params)
  const answer = useQuery({
    queryKey: ['compare', dag_id, ...names],
    enabled: names.length >= 2,
    queryFn: ({ signal }) => get<CompareAnswer>(ui('/compare'), { query: { dag_id, runs: names.join(',') }, signal }),
  })
  const choose = (next: readonly string[]) =>
    setParams(
      (old) => {
        const all = new URLSearchParams(old)
        for (const [index, letter] of LETTERS.entries()) {
          const run = next[index]
          if (run) all.set(letter, run)
          else all.delete(letter)
        }
        return all
      },
      { replace: true },
    )
  return (
    <Page
      title={t('compare.title', 'Compare runs')}
      sub={<Link to={`/dags/${seg(dag_id)}`}>{dag_id}</Link>}
      toolbar={<Picker dagId={dag_id} names={names} onChoose={choose} />}
    >
      {names.length < 2 ? (
        <Empty title={t('compare.pick', 'Choose two runs')} icon="compare">
          {t('compare.hint', 'Or select two run heads in the matrix (ctrl and click) and press Compare.')}
        </Empty>
      ) : answer.isError ? (
        <ErrorBox error={answer.error} onRetry={() => void answer.refetch()} />
      ) : answer.data === undefined ? (
        <Skeleton rows={16} />
      ) : (
        <Compared answer={answer.data} />
      )}
    </Page>
  )
}

function Picker(props: { dagId: string; names: readonly string[]; onChoose: (names: string[]) => void }) {
  const { names, onChoose } = props
  const runs = useQuery({
    queryKey: ['dag_runs', props.dagId, 'recent'],
    queryFn: ({ signal }) =>
      get<{ dag_runs: { dag_run_id: string; state: string }[] }>(v1(`/dags/${seg(props.dagId)}/dagRuns`), {
        query: { limit: 100, order_by: '-execution_date' },
        signal,
      }),
  })
  const known = (runs.data?.dag_runs ?? []).map((run) => run.dag_run_id)
  const optionsFor = (name: string) => {
    const free = known.filter((run) => run === name || !names.includes(run))
    const all = name === '' || free.includes(name) ? free : [name, ...free]
    return [{ value: '', label: t('compare.choose', 'Choose a run') }, ...all]
  }
  const slots = names.length < LETTERS.length ? [...names, ''] : names
  return (
    <div className={styles.picker}>
      {slots.map((name, index) => (
        <span key={index} className={styles.slot}>
          <span className={styles.letter} data-run={index}>
            {(LETTERS[index] ?? '').toUpperCase()}
          </span>
          <Select
            aria-label={t('compare.run', 'Run {letter}', { letter: (LETTERS[index] ?? '').toUpperCase() })}
            value={name}
            options={optionsFor(name)}
            onChange={(value) => onChoose([...names.slice(0, index), value, ...names.slice(index + 1)].filter(Boolean))}
          />
          {name !== '' && names.length > 2 && (
            <IconButton
              icon="close"
              size="sm"
              label={t('compare.remove', 'Take {run} out', { run: name })}
              onClick={() => onChoose(names.filter((one) => one !== name))}
            />
          )}
        </span>
      ))}
      {names.length === 2 && (
        <IconButton
          icon="sort"
          label={t('compare.swap', 'Swap A and B')}
          onClick={() => onChoose([...names].reverse())}
        />
      )}
    </div>
  )
}

function Compared({ answer }: { answer: CompareAnswer }) {
  const [other, setOther] = useState('1')
  const rows = useMemo(() => rowsOf(answer), [answer])
  const longest = useMemo(() => longestOf(answer), [answer])
  const at = Math.min(Number(other), answer.runs.length - 1)
  const [first, second] = [answer.runs[0], answer.runs[at]]
  return (
    <div className={styles.stack}>
      <RunTable answer={answer} />
      {answer.runs.length > 2 && (
        <Segmented
          label={t('compare.with', 'Compare A with')}
          value={String(at)}
          options={answer.runs.slice(1).map((run, index) => ({
            value: String(index + 1),
            label: `A · ${(LETTERS[index + 1] ?? '').toUpperCase()}`,
            title: run.run_id,
          }))}
          onChange={setOther}
        />
      )}
      <div className={styles.two}>
        <Panel title={t('compare.conf', 'Conf')}>
          <ConfDiff
            before={first?.conf ?? {}}
            after={second?.conf ?? {}}
            names={['A', (LETTERS[at] ?? '').toUpperCase()]}
          />
        </Panel>
        <Panel title={t('compare.code', 'Code')}>
          {first && second && <VersionDiff dagId={answer.dag_id} before={first} after={second} />}
        </Panel>
      </div>
      <TaskTable answer={answer} rows={rows} longest={longest} />
    </div>
  )
}

function RunTable({ answer }: { answer: CompareAnswer }) {
  const base = answer.runs[0] === undefined ? null : lengthOf(answer.runs[0])
  return (
    <div className={styles.scrolled}>
      <table className={styles.runs}>
        <thead>
          <tr>
            <td />
            <th scope="col">{t('run', 'Run')}</th>
            <th scope="col">{t('state', 'State')}</th>
            <th scope="col" className={styles.wide}>
              {t('run.logical', 'Logical date')}
            </th>
            <th scope="col" className={styles.wide}>
              {t('run.type', 'Type')}
            </th>
            <th scope="col" className={styles.num}>
              {t('took', 'Took')}
            </th>
            <th scope="col" className={styles.num}>
              {t('compare.delta', 'Against A')}
            </th>
            <th scope="col" className={styles.num}>
              {t('run.version', 'Version')}
            </th>
            <th scope="col">{t('note', 'Note')}</th>
          </tr>
        </thead>
        <tbody>
          {answer.runs.map((run, index) => {
            const length = lengthOf(run)
            return (
              <tr key={run.run_id}>
                <td>
                  <span className={styles.letter} data-run={index}>
                    {(LETTERS[index] ?? '').toUpperCase()}
                  </span>
                </td>
                <th scope="row">
                  <Link to={runUrl(answer.dag_id, run.run_id)} title={run.run_id}>
                    <bdi>{run.run_id}</bdi>
                  </Link>
                </th>
                <td>
                  <StateBadge state={run.state} />
                </td>
                <td className={styles.wide}>
                  <Time at={run.logical} mode="absolute" />
                </td>
                <td className={styles.wide}>{run.type}</td>
                <td className={styles.num}>
                  {run.start === null ? '–' : <Duration start={run.start} end={run.end} />}
                </td>
                <td className={styles.num}>
                  {index === 0 || length === null || base === null ? '' : signed(length - base)}
                </td>
                <td className={styles.num}>{run.version}</td>
                <td className={styles.note}>{run.note}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
      <p className="visually-hidden">{plural(answer.tasks.length, 'task', 'tasks')}</p>
    </div>
  )
}
