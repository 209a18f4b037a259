/** Markdown of DAG docs and notes: parsed and cleaned when it is shown; scripts, styles and forms are taken out. */
import { lazy, Suspense } from 'react'
import styles from './Markdown.module.css'

const Rendered = lazy(() => import('./MarkdownHtml'))

export function Markdown({ text }: { text: string }) {
  return (
    <Suspense fallback={<div className={styles.plain}>{text}</div>}>
      <Rendered text={text} className={styles.markdown ?? ''} />
    </Suspense>
  )
}
