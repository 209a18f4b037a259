/** All of it: who is signed in sees the frame with a page, everybody else the sign-in. */
import { Frame } from './Frame'

export function App() {
  return <Frame />
}
