/** What one task was given and what it gave, in two of the compared runs. */
import { useQueries } from '@tanstack/react-query'
import { useState } from 'react'
import { renderedQuery, type XComValue, xcomQuery } from '../../api/queries/drawers'
import { ConfDiff } from '../../forms/ConfDiff'
import { diffLines, withContext } from '../../forms/diff'
import type { Json } from '../../forms/fields'
import { Button, LinkButton } from '../../kit/Button'
import { Dialog } from '../../kit/Dialog'
import { Segmented } from '../../kit/Field'
import { t } from '../../kit/i18n'
import { ErrorBox, Skeleton } from '../../kit/Placeholder'
import { mayReadXComs } from '../task/permissions'
import { taskUrl } from '../task/place'
import { TextDiff } from '../task/TextDiff'
import styles from './Compare.module.css'
import { type CompareAnswer, type CompareRow, LETTERS } from './model'

export function TaskDiff(props: { answer: CompareAnswer; row: CompareRow; onClose: () => void }) {
  const { answer, row } = props
  const there = answer.runs.map((run, index) => ({ run, index })).filter(({ index }) => row.cells[index] != null)
  const [other, setOther] = useState(String(there[1]?.index ?? 0))
  const a = there[0]
  const b = there.find(({ index }) => index === Number(other)) ?? there[1]
  const name = `${row.id}${row.mapIndex >= 0 ? ` [${row.mapIndex}]` : ''}`
  const letter = (index: number) => (LETTERS[index] ?? '').toUpperCase()
  return (
    <Dialog
      open
      onClose={props.onClose}
      title={name}
      width={900}
      footer={
        <>
          {[a, b].map(
            (one) =>
              one !== undefined && (
                <LinkButton
                  key={one.index}
                  icon="log"
                  to={taskUrl(
                    { dagId: answer.dag_id, runId: one.run.run_id, taskId: row.id, mapIndex: row.mapIndex },
                    'log',
                  )}
                >
                  {t('compare.log', 'Log of {letter}', { letter: letter(one.index) })}
                </LinkButton>
              ),
          )}
          <Button variant="primary" onClick={props.onClose} data-autofocus>
            {t('close', 'Close')}
          </Button>
        </>
      }
    >
      {a === undefined || b === undefined || a === b ? (
        <p className="muted">{t('compare.single', 'The task is in one of these runs only.')}</p>
      ) : (
        <div className={styles.stack}>
          {there.length > 2 && (
            <Segmented
              label={t('compare.with', 'Compare A with')}
              value={String(b.index)}
              options={there
                .slice(1)
                .map(({ index }) => ({ value: String(index), label: `${letter(a.index)} · ${letter(index)}` }))}
              onChange={setOther}
            />
          )}
          <Differences
            answer={answer}
            row={row}
            a={a.run.run_id}
            b={b.run.run_id}
            names={[letter(a.index), letter(b.index)]}
          />
        </div>
      )}
    </Dialog>
  )
}

function Differences(props: { answer: CompareAnswer; row: CompareRow; a: string; b: string; names: [string, string] }) {
  const { answer, row, a, b } = props
  const runs = [a, b]
  const rendered = useQueries({ queries: runs.map((run) => renderedQuery(answer.dag_id, run, row.id, row.mapIndex)) })
  const xcoms = useQueries({
    queries: runs.map((run) => ({ ...xcomQuery(answer.dag_id, run, row.id, row.mapIndex), enabled: mayReadXComs() })),
  })
  const failed = [...rendered, ...xcoms].find((one) => one.isError)
  if (failed !== undefined) return <ErrorBox error={failed.error} />
  const [before, after] = rendered.map((one) => one.data?.rendered)
  if (before === undefined || after === undefined) return <Skeleton rows={6} />
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const [valuesA, valuesB] = xcoms.map((one) => one.data?.xcoms)
  return (
    <>
      <h3>{t('task.rendered', 'Rendered')}</h3>
      {fields.length === 0 && <p className="muted">{t('compare.noFields', 'The task has no template fields.')}</p>}
      {fields.map((field) => (
        <div key={field} className={styles.field}>
          <code>{field}</code>
          <TextDiff lines={withContext(diffLines(before[field] ?? '', after[field] ?? ''))} />
        </div>
      ))}
      {valuesA !== undefined && valuesB !== undefined && (
        <>
          <h3>{t('task.xcom', 'XCom')}</h3>
          <ConfDiff before={asObject(valuesA)} after={asObject(valuesB)} names={props.names} />
        </>
      )}
    </>
  )
}

function asObject(values: readonly XComValue[]): Json {
  return Object.fromEntries(values.map((one) => [one.key, one.value]))
}
