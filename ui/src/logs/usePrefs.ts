/** How logs are shown: kept in this browser. */
import { useMemo, useState } from 'react'
import { remember, remembered } from '../kit/store'
import { useZone } from '../kit/Time'

export function useLogPrefs() {
  const narrow = typeof matchMedia === 'function' && matchMedia('(max-width: 719px)').matches
  const [wrap, setWrap] = useState(() => remembered('log.wrap', narrow))
  const [times, setTimes] = useState(() => remembered('log.times', false))
  const toggle = (key: string, set: (value: boolean) => void, value: boolean) => () => {
    set(!value)
    remember(key, !value)
  }
  return {
    wrap,
    times,
    toggleWrap: toggle('log.wrap', setWrap, wrap),
    toggleTimes: toggle('log.times', setTimes, times),
  }
}

/** Times of lines, in the zone that dates are shown in. */
export function useClock(): (time: number) => string {
  const zone = useZone()
  return useMemo(() => {
    const format = new Intl.DateTimeFormat('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      fractionalSecondDigits: 3,
      hour12: false,
      timeZone: zone,
    })
    return (time: number) => format.format(time)
  }, [zone])
}
