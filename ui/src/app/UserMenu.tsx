import { getBoot } from '../api/boot'
import { Button, LinkButton } from '../kit/Button'
import { Segmented, Select } from '../kit/Field'
import { t } from '../kit/i18n'
import { Popover } from '../kit/Menu'
import { type Prefs, setPrefs, usePrefs, zoneOf } from '../kit/prefs'
import { StateCell } from '../kit/StateBadge'
import { Switch } from '../kit/Switch'
import type { PaletteName } from '../kit/states'
import { toastError } from '../kit/Toast'
import styles from './Frame.module.css'
import { signOut } from './session'

const ZONES: string[] = Intl.supportedValuesOf?.('timeZone') ?? []

export function UserMenu({ onKeys }: { onKeys: () => void }) {
  const user = getBoot().user
  if (!user) return null
  const name = `${user.first_name} ${user.last_name}`.trim() || user.username
  const initials = (
    user.first_name && user.last_name ? user.first_name.charAt(0) + user.last_name.charAt(0) : user.username.slice(0, 2)
  ).toUpperCase()
  return (
    <Popover
      label={t('user.menu', 'Account and preferences')}
      align="end"
      width={300}
      trigger={(trigger) => (
        <button
          type="button"
          className={styles.avatar}
          aria-label={t('user.open', '{initials}, account and preferences of {name}', { initials, name })}
          title={name}
          {...trigger}
        >
          {initials}
        </button>
      )}
    >
      {(close) => (
        <>
          <div className={styles.person}>
            <strong>{name}</strong>
            <div className="muted">
              {user.username} · {user.roles.join(', ') || t('user.noRole', 'no role')}
            </div>
          </div>
          <Preferences />
          <div className={styles.userLinks}>
            <LinkButton to="/tokens" variant="ghost" icon="token" onClick={close}>
              {t('nav.tokens', 'Access tokens')}
            </LinkButton>
            <Button
              variant="ghost"
              icon="keyboard"
              onClick={() => {
                close()
                onKeys()
              }}
            >
              {t('user.keys', 'Keyboard shortcuts')}
            </Button>
            {user.means !== undefined && user.means !== 'session' ? null : (
              <Button
                variant="ghost"
                icon="signOut"
                onClick={() =>
                  signOut().catch((problem: unknown) => toastError(t('user.stay', 'Not signed out'), problem))
                }
              >
                {t('user.signOut', 'Sign out')}
              </Button>
            )}
          </div>
        </>
      )}
    </Popover>
  )
}

function Preferences() {
  const prefs = usePrefs()
  const zones = ['server', 'local', 'UTC'].includes(prefs.zone) ? ZONES : [...ZONES, prefs.zone]
  return (
    <div className={styles.prefs}>
      <Choice<Prefs['theme']>
        name={t('prefs.theme', 'Theme')}
        value={prefs.theme}
        options={[
          ['auto', t('prefs.auto', 'System')],
          ['light', t('prefs.light', 'Light')],
          ['dark', t('prefs.dark', 'Dark')],
        ]}
        onChange={(theme) => setPrefs({ theme })}
      />
      <Choice<Prefs['density']>
        name={t('prefs.density', 'Density')}
        value={prefs.density}
        options={[
          ['compact', t('prefs.compact', 'Compact')],
          ['normal', t('prefs.normal', 'Normal')],
          ['roomy', t('prefs.roomy', 'Roomy')],
        ]}
        onChange={(density) => setPrefs({ density })}
      />
      <div className={styles.pref}>
        <span className={styles.prefName}>{t('prefs.palette', 'State colours')}</span>
        <Select
          aria-label={t('prefs.palette', 'State colours')}
          value={prefs.palette}
          options={[
            { value: 'classic', label: t('prefs.classic', 'Classic') },
            { value: 'airflow3', label: 'Airflow 3' },
            { value: 'safe', label: t('prefs.safe', 'Colour-safe') },
          ]}
          onChange={(palette) => setPrefs({ palette: palette as PaletteName })}
        />
        <span className={styles.swatches}>
          {[
            'success',
            'running',
            'failed',
            'upstream_failed',
            'up_for_retry',
            'queued',
            'scheduled',
            'skipped',
            'deferred',
          ].map((state) => (
            <StateCell key={state} state={state} size={18} />
          ))}
        </span>
      </div>
      <div className={styles.pref}>
        <span className={styles.prefName}>{t('prefs.zone', 'Time zone')}</span>
        <Select
          aria-label={t('prefs.zone', 'Time zone')}
          value={prefs.zone}
          options={[
            { value: 'server', label: t('zone.server', 'Server ({name})', { name: zoneOf('server') }) },
            { value: 'local', label: t('zone.local', 'This browser ({name})', { name: zoneOf('local') }) },
            { value: 'UTC', label: 'UTC' },
            ...zones
              .filter((zone) => zone !== 'UTC')
              .map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') })),
          ]}
          onChange={(zone) => setPrefs({ zone })}
        />
      </div>
      <Switch
        checked={prefs.singleKeys}
        onChange={(singleKeys) => setPrefs({ singleKeys })}
        label={t('prefs.keys', 'Single-letter keys')}
        showLabel={t('prefs.keys', 'Single-letter keys')}
      />
    </div>
  )
}

function Choice<T extends string>(props: {
  name: string
  value: T
  options: readonly (readonly [T, string])[]
  onChange: (value: T) => void
}) {
  return (
    <div className={styles.pref}>
      <span className={styles.prefName} aria-hidden="true">
        {props.name}
      </span>
      <Segmented
        label={props.name}
        value={props.value}
        options={props.options.map(([value, label]) => ({ value, label }))}
        onChange={props.onChange}
      />
    </div>
  )
}
