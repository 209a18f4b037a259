/** What only somebody who acts will need is fetched when a hand first moves: who only looks costs nothing. */
const SIGNS = ['pointermove', 'keydown', 'touchstart'] as const

/** Runs once, at the first sign; the answer ends the wait. */
export function onFirstHand(run: () => void): () => void {
  const stop = () => SIGNS.forEach((name) => removeEventListener(name, seen))
  const seen = () => {
    stop()
    run()
  }
  for (const name of SIGNS) addEventListener(name, seen, { passive: true })
  return stop
}
