/** The small entry for frames in other pages: no rail, no bar, no palette. */
import { createRoot } from 'react-dom/client'
import { loadBoot } from './api/boot'
import { applyPrefs } from './kit/prefs'
import './styles/tokens.css'
import './styles/base.css'

async function start(): Promise<void> {
  await loadBoot()
  applyPrefs()
  const root = document.getElementById('root')
  if (root) createRoot(root).render(<main />)
}

void start()
