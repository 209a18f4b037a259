/** Code, read or edited: CodeMirror, loaded when the first one is shown; the bare text stands there until then. */
import { lazy, Suspense } from 'react'
import styles from './Code.module.css'

export type CodeProps = {
  text: string
  language?: 'python' | 'json' | 'sql' | 'text'
  /** Makes it an editor. */
  onChange?: (text: string) => void
  label: string
  /** Scrolls to this line and marks it. */
  line?: number | null
  /** Shows what changed from this text. */
  against?: string | null
  maxHeight?: number | string
  minHeight?: number | string
  wrap?: boolean
}

const Editor = lazy(() => import('./CodeMirror'))

/** A viewer; with `onChange` an editor, with `against` a comparison. */
export function Code(props: CodeProps) {
  const plain = (
    <pre className={styles.plain} style={{ maxHeight: props.maxHeight, minHeight: props.minHeight }} tabIndex={0}>
      {props.text}
    </pre>
  )
  return (
    <Suspense fallback={plain}>
      <Editor {...props} />
    </Suspense>
  )
}
