/** Bar at the top, rail at the left (a bar at the bottom on a phone), the page, and what opens over it. */
import { useEffect, useRef, useState } from 'react'
import { Navigate, useLocation, useNavigate, useNavigationType, useSearchParams } from 'react-router'
import { useLive, watchVisibility } from '../api/events'
import { t } from '../kit/i18n'
import { type Binding, listBindings, listenToKeys, useKeys } from '../kit/keys'
import { Banner } from './Banner'
import { ErrorBoundary } from './ErrorBoundary'
import styles from './Frame.module.css'
import { KeySheet } from './KeySheet'
import { visiblePlaces } from './nav'
import { Palette } from './Palette'
import { BottomBar, Rail } from './Rail'
import { Pages } from './routes'
import { TopBar } from './TopBar'

/** Which part of a path is the page: drawers and tabs over a DAG belong to one. */
export function pageOf(pathname: string): string {
  const parts = pathname.split('/')
  const isAlone = parts[3] === 'compare' || parts[3] === 'trigger'
  return parts[1] === 'dags' ? parts.slice(0, isAlone ? 4 : 3).join('/') : pathname
}

/** On another page: the focus goes to the content, and the scroll to the top, or back to where it was. */
function useRouteChange(main: React.RefObject<HTMLElement | null>): void {
  const { pathname, key } = useLocation()
  const type = useNavigationType()
  const page = pageOf(pathname)
  const isFirst = useRef(true)
  const seen = useRef({ key, tops: new Map<string, number>() })
  // Only another page counts, not each address.
  useEffect(() => {
    const element = main.current
    if (isFirst.current || !element) {
      isFirst.current = false
      return
    }
    element.focus({ preventScroll: true })
    element.scrollTop = type === 'POP' ? (seen.current.tops.get(key) ?? 0) : 0
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [page])
  useEffect(() => {
    const element = main.current
    const kept = seen.current
    return () => {
      if (element) kept.tops.set(key, element.scrollTop)
    }
  }, [key, main])
}

export function Frame() {
  const main = useRef<HTMLElement>(null)
  const [isPalette, setPalette] = useState<string | null>(null)
  const [sheet, setSheet] = useState<Binding[] | null>(null)
  const { pathname } = useLocation()
  const [params] = useSearchParams()
  const navigate = useNavigate()
  useRouteChange(main)
  useEffect(listenToKeys, [])
  useEffect(watchVisibility, [])
  // Always one topic: the dot says whether changes come, on pages that show none too.
  useLive(['health'], () => undefined)
  useEffect(() => {
    const open = () => setPalette('')
    document.addEventListener('tradewind:palette', open)
    return () => document.removeEventListener('tradewind:palette', open)
  }, [])
  const everywhere = t('keys.everywhere', 'Everywhere')
  useKeys([
    {
      keys: 'ctrl+k',
      label: t('keys.palette', 'Search and commands'),
      group: everywhere,
      inFields: true,
      run: () => setPalette(''),
    },
    { keys: '/', label: t('keys.search', 'Search'), group: everywhere, run: () => setPalette('') },
    { keys: '?', label: t('keys.sheet', 'This list of keys'), group: everywhere, run: () => setSheet(listBindings()) },
    ...visiblePlaces().flatMap((place) =>
      place.keys
        ? [{ keys: place.keys, label: place.label, group: t('keys.go', 'Go to'), run: () => navigate(place.to) }]
        : [],
    ),
  ])
  if (pathname === '/login') return <Navigate to={safeNext(params.get('next'))} replace />
  const skip = (event: React.MouseEvent) => {
    event.preventDefault()
    main.current?.focus()
  }
  return (
    <div className={styles.frame}>
      {/* A skip link; with a <base> its address alone would leave the page */}
      <a href="#main" className={styles.skip} onClick={skip}>
        {t('skip', 'Skip to content')}
      </a>
      <TopBar onSearch={() => setPalette('')} onKeys={() => setSheet(listBindings())} />
      <Rail />
      <main ref={main} id="main" className={styles.main} tabIndex={-1}>
        <ErrorBoundary key={pageOf(pathname)}>
          <Pages />
        </ErrorBoundary>
      </main>
      <BottomBar onSearch={() => setPalette('')} />
      <Banner />
      {isPalette !== null && <Palette first={isPalette} onClose={() => setPalette(null)} />}
      {sheet && <KeySheet bindings={sheet} onClose={() => setSheet(null)} />}
    </div>
  )
}

/** Only paths of our own: a link from elsewhere must not lead out through the sign-in. */
export function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : '/'
}
