/** The small entry for frames in other pages: no rail, no bar, no palette. */
import { useEffect, useRef, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { bootOfToken, getBoot, loadBoot, setBoot } from './api/boot'
import { setToken } from './api/client'
import { type EmbedOptions, optionsOf, viewOf } from './embed/address'
import styles from './embed/Embed.module.css'
import { Parent, parentOrigin } from './embed/messages'
import { OpenLink } from './embed/parts'
import { DagView, ListView, RunView, TaskView } from './embed/views'
import { t } from './kit/i18n'
import { applyPrefs, prefs } from './kit/prefs'
import './styles/tokens.css'
import './styles/base.css'

function Frame({ parent, options }: { parent: Parent; options: EmbedOptions }) {
  const [isKnown, setKnown] = useState(getBoot().user !== null)
  const [view] = useState(() => {
    const path = location.pathname.slice(getBoot().base.length - 1).replace(/^\/+/, '')
    return viewOf(path, new URLSearchParams(location.search))
  })
  const box = useRef<HTMLElement>(null)
  useEffect(() => {
    const stop = parent.onToken((token) => {
      setToken(token)
      void bootOfToken(token).then(
        (boot) => {
          setBoot(boot)
          setKnown(boot.user !== null)
        },
        () => setKnown(false),
      )
    })
    parent.tell({ type: 'tradewind:ready' })
    return stop
  }, [parent])
  useEffect(() => {
    const watched = box.current
    if (watched === null) return
    const observer = new ResizeObserver(() =>
      parent.tell({ type: 'tradewind:height', height: Math.ceil(watched.getBoundingClientRect().height) }),
    )
    observer.observe(watched)
    return () => observer.disconnect()
  }, [parent])
  return (
    <main ref={box} className={styles.frame}>
      {!isKnown ? (
        <p>
          {t('embed.signIn', 'Nobody is signed in here.')} <OpenLink path="/login">{t('signIn', 'Sign in')}</OpenLink>
        </p>
      ) : view.kind === 'list' ? (
        <ListView view={view} options={options} parent={parent} />
      ) : view.kind === 'dag' ? (
        <DagView view={view} options={options} parent={parent} />
      ) : view.kind === 'run' ? (
        <RunView view={view} options={options} parent={parent} />
      ) : (
        <TaskView view={view} options={options} parent={parent} />
      )}
    </main>
  )
}

/** For this frame only: what the visitor chose for the whole interface stays. */
function dress(options: EmbedOptions): void {
  prefs.set((old) => ({
    ...old,
    theme: options.theme,
    ...(options.density !== null && { density: options.density }),
    ...(options.tz !== null && { zone: options.tz }),
  }))
  applyPrefs()
  const root = document.documentElement
  if (options.accent !== null) root.style.setProperty('--accent', options.accent)
  if (options.lang !== null) root.lang = options.lang
}

async function start(): Promise<void> {
  await loadBoot()
  const options = optionsOf(new URLSearchParams(location.search))
  dress(options)
  const parent = new Parent(window, parentOrigin(window, location.ancestorOrigins, document.referrer))
  const root = document.getElementById('root')
  if (root) createRoot(root).render(<Frame parent={parent} options={options} />)
}

void start()
