import { Toaster } from '../kit/Toast'
import { Pages } from './routes'

/** Bar, rail, page. */
export function Frame() {
  return (
    <>
      <main id="main" tabIndex={-1}>
        <Pages />
      </main>
      <Toaster />
    </>
  )
}
