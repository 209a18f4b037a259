/** How the page writes times, durations and states, in the visitor's zone. */
import { useMemo } from 'react'
import { serverNow } from '../../api/boot'
import type { Words } from '../../grid/describe'
import { stateLabel } from '../../kit/states'
import { useZone } from '../../kit/Time'
import { absolute, duration, msOf, short } from '../../kit/time'

export function useWords(): Words {
  const zone = useZone()
  return useMemo(
    () => ({
      time(at) {
        const ms = msOf(at)
        return ms === null ? '–' : absolute(ms, zone).slice(0, 16)
      },
      duration: (seconds) => (seconds === null ? '–' : duration(seconds)),
      state: (state) => stateLabel(state).toLowerCase(),
    }),
    [zone],
  )
}

/** A moment in seconds as text, short where the day is plain. */
export function useTimeText(): (at: number) => string {
  const zone = useZone()
  return useMemo(() => (at: number) => short(at * 1000, zone, serverNow()), [zone])
}
