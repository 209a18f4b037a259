import { Link, useLocation } from 'react-router'
import { cx } from '../kit/cx'
import { t } from '../kit/i18n'
import { Icon } from '../kit/icons'
import { Menu } from '../kit/Menu'
import { setPrefs, usePrefs } from '../kit/prefs'
import styles from './Frame.module.css'
import { isAt, type Place, visiblePlaces } from './nav'

/** At the left: slim with icons, or pinned with words. */
export function Rail() {
  const { railPinned } = usePrefs()
  const toggle = railPinned ? t('rail.unpin', 'Make narrow') : t('rail.pin', 'Keep open')
  return (
    <nav className={cx(styles.rail, railPinned ? styles.pinned : styles.slim)} aria-label={t('nav', 'Main')}>
      {visiblePlaces('main').map((place) => (
        <RailLink key={place.to} place={place} />
      ))}
      <div className={styles.railRule} hidden={railPinned} />
      <RailSection section="browse" label={t('nav.browse', 'Browse')} isPinned={railPinned} />
      <RailSection section="admin" label={t('nav.admin', 'Admin')} isPinned={railPinned} />
      <div className={styles.railEnd}>
        <button
          type="button"
          className={styles.railItem}
          title={toggle}
          aria-pressed={railPinned}
          onClick={() => setPrefs({ railPinned: !railPinned })}
        >
          <Icon name={railPinned ? 'chevronLeft' : 'chevronRight'} />
          <span className={styles.railLabel}>{toggle}</span>
        </button>
      </div>
    </nav>
  )
}

function RailLink({ place }: { place: Place }) {
  const { pathname } = useLocation()
  const isHere = isAt(place, pathname)
  return (
    <Link
      to={place.to}
      className={cx(styles.railItem, isHere && styles.here)}
      aria-current={isHere ? 'page' : undefined}
      title={place.keys ? `${place.label} (${place.keys})` : place.label}
    >
      <Icon name={place.icon} />
      <span className={styles.railLabel}>{place.label}</span>
    </Link>
  )
}

function RailSection({ section, label, isPinned }: { section: 'browse' | 'admin'; label: string; isPinned: boolean }) {
  const { pathname } = useLocation()
  const places = visiblePlaces(section)
  if (places.length === 0) return null
  if (isPinned)
    return (
      <>
        <div className={styles.railTitle}>{label}</div>
        {places.map((place) => (
          <RailLink key={place.to} place={place} />
        ))}
      </>
    )
  const isHere = places.some((place) => isAt(place, pathname))
  return (
    <Menu
      label={label}
      align="beside"
      trigger={(trigger) => (
        <button type="button" className={cx(styles.railItem, isHere && styles.here)} title={label} {...trigger}>
          <Icon name={section} />
          <span className={styles.railLabel}>{label}</span>
        </button>
      )}
      items={places.map((place) => ({
        label: place.label,
        icon: place.icon,
        to: place.to,
        hint: place.keys && <kbd>{place.keys}</kbd>,
      }))}
    />
  )
}

/** On a phone, instead of the rail. */
export function BottomBar({ onSearch }: { onSearch: () => void }) {
  const { pathname } = useLocation()
  const first = visiblePlaces('main').slice(0, 3)
  const rest = visiblePlaces().filter((place) => !first.some((one) => one.to === place.to))
  return (
    <nav className={styles.bottom} aria-label={t('nav', 'Main')}>
      {first.map((place) => (
        <Link
          key={place.to}
          to={place.to}
          className={cx(styles.bottomItem, isAt(place, pathname) && styles.here)}
          aria-current={isAt(place, pathname) ? 'page' : undefined}
        >
          <Icon name={place.icon} size={20} />
          {place.label}
        </Link>
      ))}
      <button type="button" className={styles.bottomItem} onClick={onSearch}>
        <Icon name="search" size={20} />
        {t('nav.search', 'Search')}
      </button>
      <Menu
        label={t('nav.more', 'More')}
        align="end"
        trigger={(trigger) => (
          <button
            type="button"
            className={cx(styles.bottomItem, rest.some((place) => isAt(place, pathname)) && styles.here)}
            {...trigger}
          >
            <Icon name="more" size={20} />
            {t('nav.more', 'More')}
          </button>
        )}
        items={rest.map((place) => ({ label: place.label, icon: place.icon, to: place.to }))}
      />
    </nav>
  )
}
