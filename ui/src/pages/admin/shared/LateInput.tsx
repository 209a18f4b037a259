/** A small search box that tells what was typed when typing pauses, for filters that are requests. */
import { useEffect, useState } from 'react'
import { SearchInput } from '../../../kit/Field'
import styles from './admin.module.css'

const PAUSE = 300

export function LateInput(props: { label: string; value: string; onChange: (text: string) => void }) {
  const { value, onChange } = props
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  useEffect(() => {
    if (text === value) return
    const timer = setTimeout(() => onChange(text), PAUSE)
    return () => clearTimeout(timer)
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only typing starts the clock
  }, [text])
  return <SearchInput value={text} onChange={setText} label={props.label} className={styles.small} />
}
