import { Link, useLocation } from 'react-router'
import { getBoot } from '../api/boot'
import { useLiveStatus } from '../api/events'
import { cx } from '../kit/cx'
import { t } from '../kit/i18n'
import { Icon } from '../kit/icons'
import { Menu } from '../kit/Menu'
import { setPrefs, usePrefs, zoneOf } from '../kit/prefs'
import { useNow, useZone } from '../kit/Time'
import { clock, hourMinute, offsetOf } from '../kit/time'
import styles from './Frame.module.css'
import { crumbsOf, visiblePlaces } from './nav'
import { UserMenu } from './UserMenu'

export function TopBar({ onSearch, onKeys }: { onSearch: () => void; onKeys: () => void }) {
  return (
    <header className={styles.top}>
      <Link
        to="/"
        className={styles.logo}
        aria-label={t('nav.logo', '{name}, home', { name: getBoot().instance_name })}
      >
        <Logo />
      </Link>
      <Crumbs />
      <button type="button" className={styles.searchBox} onClick={onSearch} aria-keyshortcuts="Control+K">
        <Icon name="search" />
        <span>{t('search.box', 'Search or run a command')}</span>
        <kbd aria-hidden="true">ctrl K</kbd>
      </button>
      <Status />
      <Clock />
      <UserMenu onKeys={onKeys} />
    </header>
  )
}

/** Three winds that blow the same way. */
export function Logo({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" fill="none">
      <g stroke="currentColor" strokeWidth="3" strokeLinecap="round">
        <path d="M4 12h15.5a4 4 0 1 0-3.9-5" />
        <path d="M4 17.5h22.5" />
        <path d="M8 23h10a3.6 3.6 0 1 1-3.5 4.5" />
      </g>
    </svg>
  )
}

function Crumbs() {
  const { pathname } = useLocation()
  const crumbs = crumbsOf(pathname, visiblePlaces())
  return (
    <nav className={styles.crumbs} aria-label={t('crumbs', 'Where you are')}>
      <ol>
        {crumbs.length === 0 && (
          <li className={styles.crumb}>
            <span aria-current="page">{getBoot().instance_name}</span>
          </li>
        )}
        {crumbs.map((crumb, i) => (
          <li key={crumb.to} className={styles.crumb}>
            {i > 0 && (
              <span className={styles.slash} aria-hidden="true">
                /
              </span>
            )}
            {i === crumbs.length - 1 ? (
              <span aria-current="page" title={crumb.label}>
                {crumb.label}
              </span>
            ) : (
              <Link to={crumb.to}>{crumb.label}</Link>
            )}
          </li>
        ))}
      </ol>
    </nav>
  )
}

/** Whether changes come by themselves. Says in words what the colour means. */
function Status() {
  const { state, asOf } = useLiveStatus()
  const zone = useZone()
  const at = clock(asOf, zone)
  const words = {
    live: t('live.live', 'Live'),
    connecting: t('live.connecting', 'Connecting'),
    polling: t('live.polling', 'As of {at}', { at }),
    offline: t('live.offline', 'Offline, as of {at}', { at }),
  }[state]
  const title = {
    live: t('live.live.title', 'Changes appear as they happen'),
    connecting: t('live.connecting.title', 'Connecting for live changes'),
    polling: t('live.polling.title', 'No live changes: asking every 10 seconds'),
    offline: t('live.offline.title', 'The server does not answer; trying again'),
  }[state]
  return (
    <span className={cx(styles.status, styles[state])} title={title} data-live={state}>
      <span className={styles.dot} aria-hidden="true" />
      <span className={state === 'live' || state === 'connecting' ? styles.statusWord : undefined}>{words}</span>
    </span>
  )
}

function Clock() {
  const now = useNow(10_000)
  const { zone } = usePrefs()
  const name = zoneOf(zone)
  const shown = `${hourMinute(now, name)} ${offsetOf(now, name)}`
  const choice = (value: string, label: string) => ({
    label,
    hint: hourMinute(now, zoneOf(value)),
    checked: zone === value,
    onSelect: () => setPrefs({ zone: value }),
  })
  return (
    <Menu
      label={t('zone', 'Time zone')}
      align="end"
      trigger={(trigger) => (
        <button
          type="button"
          className={styles.clock}
          title={t('zone.title', 'Time zone: {name}', { name })}
          aria-label={t('zone.label', 'Time zone {name}, it is {shown}', { name, shown })}
          {...trigger}
        >
          {shown}
        </button>
      )}
      items={[
        choice('server', t('zone.server', 'Server ({name})', { name: zoneOf('server') })),
        choice('local', t('zone.local', 'This browser ({name})', { name: zoneOf('local') })),
        choice('UTC', 'UTC'),
      ]}
    />
  )
}
