import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { BrowserRouter } from 'react-router'
import { loadBoot } from './api/boot'
import { queryClient } from './api/queryClient'
import { App } from './app/App'
import { applyPrefs } from './kit/prefs'
import './kit/shell'
import './styles/tokens.css'
import './styles/base.css'

async function start(): Promise<void> {
  const boot = await loadBoot()
  applyPrefs()
  const root = document.getElementById('root')
  if (!root) throw new Error('The page has no #root.')
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <BrowserRouter basename={boot.base.replace(/\/$/, '') || '/'}>
          <App />
        </BrowserRouter>
      </QueryClientProvider>
    </StrictMode>,
  )
}

void start()
