/** DAG files that could not be imported: where, why, since when. */
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { can } from '../../../api/boot'
import { post, v1 } from '../../../api/client'
import { useLive } from '../../../api/events'
import { useAll } from '../../../api/queries/lists'
import { Button, LinkButton } from '../../../kit/Button'
import { Dialog } from '../../../kit/Dialog'
import { t } from '../../../kit/i18n'
import type { Column } from '../../../kit/Table'
import { Time } from '../../../kit/Time'
import { toast, toastError } from '../../../kit/Toast'
import { AdminList } from '../shared/AdminList'
import styles from '../shared/admin.module.css'

type ImportFailure = { import_error_id: number; timestamp: string; filename: string; stack_trace: string }

const keyOf = (one: ImportFailure) => String(one.import_error_id)

/** What went wrong, in one line: the last of the trace. */
export function reasonOf(trace: string): string {
  return trace.trim().split('\n').at(-1) ?? ''
}

const COLUMNS: readonly Column<ImportFailure>[] = [
  {
    id: 'file',
    head: t('importError.file', 'File'),
    grow: 2,
    min: 160,
    fixed: true,
    sort: (one) => one.filename,
    cell: (one) => (
      <span className={styles.name} title={one.filename} style={{ direction: 'rtl', textAlign: 'start' }}>
        <bdi>{one.filename}</bdi>
      </span>
    ),
  },
  {
    id: 'reason',
    head: t('importError.reason', 'Error'),
    grow: 3,
    min: 180,
    sort: (one) => reasonOf(one.stack_trace),
    cell: (one) => (
      <span className={`${styles.bad} truncate`} title={reasonOf(one.stack_trace)}>
        {reasonOf(one.stack_trace)}
      </span>
    ),
  },
  {
    id: 'since',
    head: t('importError.since', 'Since'),
    width: 100,
    descFirst: true,
    sort: (one) => one.timestamp,
    cell: (one) => <Time at={one.timestamp} />,
  },
]

export default function ImportErrorsPage() {
  const query = useAll<ImportFailure>('/importErrors', 'import_errors', can('can_read', 'ImportError'))
  const client = useQueryClient()
  const [openId, setOpen] = useState<number | null>(null)
  const refresh = () => void client.invalidateQueries({ queryKey: ['import_errors'] })
  useLive(['import_errors'], refresh, refresh)
  const open = query.data?.find((one) => one.import_error_id === openId)
  const reparse = async (rows: readonly ImportFailure[]) => {
    try {
      for (const row of rows) await post(v1(`/importErrors/${row.import_error_id}/reparse`))
      toast({ text: t('importError.reparsed', 'Parsed again; what is mended goes away'), tone: 'ok' })
    } catch (problem) {
      toastError(t('importError.notReparsed', 'Not parsed again'), problem)
    }
  }
  const mayEdit = can('can_edit', 'DAGs')
  return (
    <>
      <AdminList
        name="import_errors"
        title={t('importError.title', 'Import errors')}
        needs="ImportError"
        rows={query.data}
        error={query.error}
        onRetry={() => void query.refetch()}
        columns={COLUMNS}
        keyOf={keyOf}
        textOf={(one) => `${one.filename}\n${one.stack_trace}`}
        sort={{ id: 'since', desc: true }}
        searchLabel={t('importError.search', 'Filter by file or text')}
        onOpen={(one) => setOpen(one.import_error_id)}
        onSelected={
          mayEdit
            ? (rows) => (
                <Button size="sm" icon="retry" onClick={() => void reparse(rows)}>
                  {t('importError.reparse', 'Parse again')}
                </Button>
              )
            : undefined
        }
        narrow={(one) => (
          <span className={styles.narrow}>
            <span className={styles.line}>
              <span className={styles.name}>{one.filename.split('/').at(-1)}</span>
              <span className="muted">
                <Time at={one.timestamp} />
              </span>
            </span>
            <span className={`${styles.bad} truncate`}>{reasonOf(one.stack_trace)}</span>
          </span>
        )}
        empty={{
          title: t('importError.none', 'Every DAG file can be imported'),
          icon: 'check',
          action: <LinkButton to="/dags">{t('runs.toDags', 'To the DAGs')}</LinkButton>,
        }}
      />
      {open && (
        <Dialog
          open
          onClose={() => setOpen(null)}
          title={open.filename}
          width={820}
          footer={
            <>
              <span className="muted">
                {t('importError.sinceLong', 'since')} <Time at={open.timestamp} mode="absolute" />
              </span>
              <span className={styles.spring} />
              <Button
                icon="copy"
                onClick={() =>
                  void navigator.clipboard.writeText(open.stack_trace).then(() => toast(t('copied', 'Copied')))
                }
              >
                {t('copy', 'Copy')}
              </Button>
              {mayEdit && (
                <Button icon="retry" variant="primary" onClick={() => void reparse([open])}>
                  {t('importError.reparse', 'Parse again')}
                </Button>
              )}
            </>
          }
        >
          <pre className={styles.trace} tabIndex={0}>
            {open.stack_trace}
          </pre>
        </Dialog>
      )}
    </>
  )
}
