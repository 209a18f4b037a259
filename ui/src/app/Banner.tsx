/** Says that the server is slow or gone, over the page that stays as it was; and looks for its return. */
import { useEffect } from 'react'
import { raw } from '../api/client'
import { queryClient } from '../api/queryClient'
import { reachability } from '../api/reachability'
import { cx } from '../kit/cx'
import { t } from '../kit/i18n'
import { Icon } from '../kit/icons'
import { useStore } from '../kit/store'
import { useZone } from '../kit/Time'
import { clock } from '../kit/time'
import styles from './Frame.module.css'

const AGAIN_MS = 4000

function useRecovery(isGone: boolean): void {
  useEffect(() => {
    if (!isGone) return
    const timer = setInterval(() => {
      // Its answer, or its silence, is noted by the client itself.
      raw('GET', '/health').catch(() => undefined)
    }, AGAIN_MS)
    return () => {
      clearInterval(timer)
      void queryClient.invalidateQueries({ refetchType: 'active' })
    }
  }, [isGone])
}

export function Banner() {
  const { state, since } = useStore(reachability)
  const zone = useZone()
  useRecovery(state === 'gone')
  return (
    <div role="status">
      {state !== 'ok' && (
        <div className={cx(styles.banner, state === 'gone' ? styles.bannerGone : styles.bannerSlow)}>
          <Icon name={state === 'gone' ? 'error' : 'clock'} />
          {state === 'gone'
            ? t('reach.gone', 'The server does not answer. You see what was true at {at}; trying again.', {
                at: clock(since, zone),
              })
            : t('reach.slow', 'The server is slow to answer. The page can be used meanwhile.')}
        </div>
      )}
    </div>
  )
}
