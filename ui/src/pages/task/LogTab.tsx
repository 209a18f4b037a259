/** The log of one try, and of another beside it. */
import { useLocation, useNavigate, useSearchParams } from 'react-router'
import type { TaskDetail, Try } from '../../api/queries/drawers'
import { Select } from '../../kit/Field'
import { t } from '../../kit/i18n'
import { Empty } from '../../kit/Placeholder'
import { stateLabel } from '../../kit/states'
import { LogViewer } from '../../logs/LogViewer'
import { lineOf, type TaskPlace } from './place'
import styles from './Task.module.css'

export function LogTab({ place, detail }: { place: TaskPlace; detail: TaskDetail }) {
  const [params, setParams] = useSearchParams()
  const location = useLocation()
  const navigate = useNavigate()
  const tries = triesOf(detail)
  const last = tries[tries.length - 1]
  if (last === undefined) {
    return (
      <Empty title={t('task.noLog', 'No log yet')} icon="log">
        {t('task.noLogHint', 'The task has not begun to run. Its log appears here when it does.')}
      </Empty>
    )
  }
  const chosen = tries.find((one) => String(one.try) === params.get('try')) ?? last
  const beside = tries.find((one) => String(one.try) === params.get('beside'))
  const set = (name: string, value: string) =>
    setParams(
      (old) => {
        const next = new URLSearchParams(old)
        if (value === '') next.delete(name)
        else next.set(name, value)
        return next
      },
      { replace: true },
    )
  const source = (one: Try) => ({ kind: 'task' as const, ...place, tryNumber: one.try })
  const name = (one: Try) => `${t('task.try', 'Try')} ${one.try} · ${stateLabel(one.state)}`
  return (
    <div className={styles.log}>
      <LogViewer
        key={chosen.try}
        source={source(chosen)}
        given={detail.log?.try === chosen.try ? detail.log : null}
        state={chosen.state}
        line={lineOf(location.hash)}
        onLine={(line) =>
          navigate({ search: location.search, hash: `#L${line}` }, { replace: true, state: location.state })
        }
        label={name(chosen)}
        lead={
          tries.length > 1 && (
            <>
              <Select
                aria-label={t('task.tryPicker', 'Try')}
                value={String(chosen.try)}
                options={tries.map((one) => ({ value: String(one.try), label: name(one) }))}
                onChange={(value) => set('try', value === String(last.try) ? '' : value)}
              />
              <Select
                aria-label={t('task.besidePicker', 'Beside it')}
                value={beside === undefined ? '' : String(beside.try)}
                options={[
                  { value: '', label: t('task.besideNone', 'Beside: none') },
                  ...tries.filter((one) => one !== chosen).map((one) => ({ value: String(one.try), label: name(one) })),
                ]}
                onChange={(value) => set('beside', value)}
              />
            </>
          )
        }
        beside={beside === undefined ? null : { source: source(beside), state: beside.state, label: name(beside) }}
      />
    </div>
  )
}

/** Those that began, and the one that is under way. */
function triesOf(detail: TaskDetail): Try[] {
  const began = detail.tries.filter((one) => one.try > 0)
  if (began.length > 0 || detail.ti === null || detail.ti.start === null) return began
  return [
    {
      try: Math.max(1, detail.ti.try),
      state: detail.ti.state,
      start: null,
      end: null,
      duration: null,
      hostname: null,
      error: null,
    },
  ]
}
