import { QueryClientProvider, type QueryClient } from '@tanstack/react-query'
import { Layout } from './Layout'
import { Routes } from './Routes'

export function App({ queryClient }: { queryClient: QueryClient }) {
  return (
    <QueryClientProvider client={queryClient}>
      <Layout>
        <Routes />
      </Layout>
    </QueryClientProvider>
  )
}
