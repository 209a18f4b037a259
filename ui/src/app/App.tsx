/** All of it: who is signed in sees the frame with a page, everybody else the sign-in. */
import { useEffect } from 'react'
import { getBoot } from '../api/boot'
import { useStore } from '../kit/store'
import { Toaster } from '../kit/Toast'
import { Frame } from './Frame'
import { SignIn } from './SignIn'
import { session, watchSession } from './session'

export function App() {
  const { version } = useStore(session)
  useEffect(watchSession, [])
  return (
    <>
      {getBoot().user ? <Frame key={version} /> : <SignIn />}
      <Toaster />
    </>
  )
}
