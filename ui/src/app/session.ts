/** Who is signed in, live: signing in and out, and the server saying that it is over. */
import { type Boot, getBoot, setBoot } from '../api/boot'
import { del, get, onSignedOut, post, ui } from '../api/client'
import { hub } from '../api/events'
import { queryClient } from '../api/queryClient'
import { applyPrefs } from '../kit/prefs'
import { createStore } from '../kit/store'

/** Counts changes of the boot data; `ended` when the server ended the session by itself. */
export const session = createStore({ version: 0, ended: false })

function took(boot: Partial<Boot>, ended = false): void {
  setBoot(boot)
  // What the one before could see is not for the next.
  queryClient.clear()
  applyPrefs()
  hub.restart()
  session.set((old) => ({ version: old.version + 1, ended }))
}

/** Name and password for a session. Throws ApiError: 401 for wrong ones. */
export async function signIn(username: string, password: string): Promise<void> {
  took(await post<Boot>(ui('/session'), { username, password }))
}

/** Ends the session. */
export async function signOut(): Promise<void> {
  const boot = await del<Boot | undefined>(ui('/session'))
  took({ user: null, permissions: [], csrf: null, ...boot })
}

/** Asks again who is here, as after the database came back. */
export async function reloadBoot(): Promise<void> {
  took(await get<Boot>(ui('/boot')))
}

/** Watches for the end of the session; once, by the app. */
export function watchSession(): () => void {
  return onSignedOut(() => {
    if (getBoot().user) took({ user: null, permissions: [], csrf: null }, true)
  })
}
