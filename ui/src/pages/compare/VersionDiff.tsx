/** What changed between two versions of a DAG. Of older versions the serialised form is kept, not the file. */
import { useQueries } from '@tanstack/react-query'
import { get, seg, ui } from '../../api/client'
import { diffLines, withContext } from '../../forms/diff'
import { t } from '../../kit/i18n'
import { ErrorBox, Skeleton } from '../../kit/Placeholder'
import { mayReadCode } from '../task/permissions'
import { TextDiff } from '../task/TextDiff'

/** `spec`: the serialised form, as indented JSON. */
type Versioned = { version: number | null; spec: string }

export function VersionDiff(props: { dagId: string; before: number | null; after: number | null }) {
  const { before, after } = props
  if (before === after)
    return <p className="muted">{t('compare.sameVersion', 'The same: {n}', { n: before ?? '–' })}</p>
  if (before === null || after === null || !mayReadCode()) {
    return (
      <p>
        {before ?? '–'} → {after ?? '–'}
      </p>
    )
  }
  return <Changes dagId={props.dagId} before={before} after={after} />
}

function Changes({ dagId, before, after }: { dagId: string; before: number; after: number }) {
  const both = useQueries({
    queries: [before, after].map((version) => ({
      queryKey: ['dag', dagId, 'code', version],
      staleTime: Number.POSITIVE_INFINITY,
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        get<Versioned>(ui(`/dags/${seg(dagId)}/code`), { query: { version }, signal }),
    })),
  })
  const failed = both.find((one) => one.isError)
  if (failed !== undefined) return <ErrorBox error={failed.error} />
  const [a, b] = both.map((one) => one.data)
  if (a === undefined || b === undefined) return <Skeleton rows={4} />
  return <TextDiff lines={withContext(diffLines(a.spec, b.spec))} />
}
