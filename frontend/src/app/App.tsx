import { QueryClientProvider, type QueryClient } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import { ViewLinks } from '@/components/ViewLink'
import { ErrorBoundary } from './ErrorBoundary'
import { Layout } from './Layout'
import { Routes } from './Routes'

/** A page that failed does not keep the next one from being shown. */
function Page() {
  const [path] = useLocation()
  return (
    <ErrorBoundary key={path}>
      <Routes />
    </ErrorBoundary>
  )
}

export function App({ queryClient }: { queryClient: QueryClient }) {
  return (
    <QueryClientProvider client={queryClient}>
      <ViewLinks>
        <Layout>
          <Page />
        </Layout>
      </ViewLinks>
    </QueryClientProvider>
  )
}
