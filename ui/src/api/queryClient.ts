/** The cache of answers. Live events patch it (api/events.ts); it asks again only when it must. */
import { QueryClient } from '@tanstack/react-query'
import { ApiError } from './client'

/** A wrong request stays wrong; what is only not reachable is asked again, ever slower, as long as it is looked at. */
export function shouldRetry(count: number, error: unknown): boolean {
  if (!(error instanceof ApiError)) return false
  if (error.isOffline || [502, 503, 504].includes(error.status)) return count < 60
  return error.status >= 500 && count < 1
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 5 * 60_000,
      refetchOnWindowFocus: false,
      refetchOnReconnect: true,
      networkMode: 'always',
      retry: shouldRetry,
      retryDelay: (attempt) => Math.min(1000 * 2 ** attempt, 10_000),
    },
    mutations: { networkMode: 'always', retry: false },
  },
})
