/** CodeMirror in the page's colours. It lives in a shadow root: only there it brings its style sheet by CSSOM, which the
 * content security policy allows; in the page itself it would write <style> elements. */
import { json } from '@codemirror/lang-json'
import { python } from '@codemirror/lang-python'
import { sql } from '@codemirror/lang-sql'
import { bracketMatching, foldGutter, HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { unifiedMergeView } from '@codemirror/merge'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { EditorState, type Extension } from '@codemirror/state'
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { useEffect, useRef } from 'react'
import type { CodeProps } from './Code'
import styles from './Code.module.css'

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier], color: 'light-dark(#8a2c9c, #d6a0e8)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'light-dark(#116329, #7ee0a0)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'light-dark(#8a3b00, #f0b070)' },
  { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
  {
    tag: [tags.function(tags.variableName), tags.definition(tags.variableName)],
    color: 'light-dark(#0b4fae, #8fbcff)',
  },
  { tag: [tags.className, tags.typeName, tags.propertyName], color: 'light-dark(#0b5f73, #7fd3e6)' },
  { tag: [tags.meta, tags.annotation], color: 'light-dark(#6b5200, #e5c766)' },
])

const theme = EditorView.theme({
  '&': { backgroundColor: 'transparent', color: 'var(--text)', fontSize: '12px', height: '100%' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--muted)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'light-dark(#bcd7ff, #274a80)',
  },
  '.cm-searchMatch': { backgroundColor: 'var(--mark)' },
  '.cm-panels': { backgroundColor: 'var(--surface)', color: 'var(--text)', borderColor: 'var(--line)' },
  '.cm-changedLine, &.cm-merge-b .cm-changedLine': { backgroundColor: 'var(--ok-bg)' },
  '.cm-deletedChunk': { backgroundColor: 'var(--danger-bg)' },
})

const LANGUAGES: Record<string, () => Extension> = { python, json, sql: () => sql() }

function extensionsOf(props: CodeProps, changed: (text: string) => void): Extension[] {
  const isRead = !props.onChange
  return [
    lineNumbers(),
    foldGutter(),
    drawSelection(),
    bracketMatching(),
    highlightSelectionMatches(),
    search({ top: true }),
    keymap.of(searchKeymap),
    syntaxHighlighting(colours),
    theme,
    LANGUAGES[props.language ?? 'text']?.() ?? [],
    EditorView.contentAttributes.of({ 'aria-label': props.label, ...(isRead && { tabindex: '0' }) }),
    props.wrap ? EditorView.lineWrapping : [],
    isRead ? [EditorState.readOnly.of(true), EditorView.editable.of(false)] : highlightActiveLine(),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) changed(update.state.doc.toString())
    }),
    props.against === undefined || props.against === null
      ? []
      : unifiedMergeView({
          original: props.against,
          mergeControls: false,
          gutter: true,
          collapseUnchanged: { margin: 4 },
        }),
  ]
}

export default function CodeMirror(props: CodeProps) {
  const parent = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView | null>(null)
  const latest = useRef(props)
  latest.current = props
  const { text, language, against, wrap, label, line } = props
  const isRead = !props.onChange
  // the text is followed below, without a new editor
  useEffect(() => {
    if (!parent.current) return
    const state = EditorState.create({
      doc: latest.current.text,
      extensions: extensionsOf(latest.current, (changed) => latest.current.onChange?.(changed)),
    })
    const root = parent.current.shadowRoot ?? parent.current.attachShadow({ mode: 'open' })
    const editor = new EditorView({ state, parent: root, root })
    view.current = editor
    return () => editor.destroy()
  }, [language, against, wrap, label, isRead])
  useEffect(() => {
    const editor = view.current
    if (!editor || editor.state.doc.toString() === text) return
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } })
  }, [text])
  // a new text has new lines
  useEffect(() => {
    const editor = view.current
    if (!editor || !line || line > editor.state.doc.lines) return
    const { from, to } = editor.state.doc.line(line)
    editor.dispatch({
      selection: { anchor: from, head: to },
      effects: EditorView.scrollIntoView(from, { y: 'center' }),
    })
  }, [line, text])
  return (
    <div
      ref={parent}
      className={styles.box}
      style={{ maxHeight: props.maxHeight, minHeight: props.minHeight }}
      data-language={language}
    />
  )
}
