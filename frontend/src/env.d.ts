/** The release that this build is, as usage events name it. */
declare const __RELEASE__: string

interface Document {
  /** True while the browser prepares a page that nobody sees yet. */
  readonly prerendering?: boolean
}

interface PerformanceNavigationTiming {
  /** Milliseconds until a prerendered page was shown; 0 otherwise. */
  readonly activationStart?: number
}
