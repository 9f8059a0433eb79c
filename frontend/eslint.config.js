import js from '@eslint/js'
import { createNodeResolver, importX } from 'eslint-plugin-import-x'
import reactHooks from 'eslint-plugin-react-hooks'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

/** Who may not know whom: app -> features -> {components, api, telemetry, lib}. */
const zones = [
  { target: './src/features', from: './src/app', message: 'A feature does not know the app.' },
  ...['executive', 'alerts', 'drilldown', 'reliability'].map((feature) => ({
    target: `./src/features/${feature}`,
    from: './src/features',
    except: [`./${feature}`],
    message: 'Features do not know each other.',
  })),
  {
    target: ['./src/components', './src/api', './src/telemetry', './src/lib'],
    from: ['./src/app', './src/features'],
    message: 'What is shared does not know who uses it.',
  },
  { target: './src/components', from: './src/telemetry', message: 'Components do not measure.' },
  {
    target: './src/lib',
    from: ['./src/components', './src/telemetry'],
    message: 'lib stands alone (it may know the API types).',
  },
]

export default defineConfig(
  globalIgnores(['dist', 'src/api/schema.d.ts']),
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat.recommended],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        createNodeResolver({
          extensions: ['.ts', '.tsx', '.d.ts', '.js'],
          tsconfig: { configFile: 'tsconfig.json', references: 'auto' },
        }),
      ],
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': 'error',
      'import-x/no-unresolved': ['error', { ignore: ['^virtual:'] }],
      'import-x/no-extraneous-dependencies': [
        'error',
        { devDependencies: ['**/*.test.{ts,tsx}', 'src/testing/**'] },
      ],
    },
  },
  {
    // One component calls ECharts, and it loads it lazily.
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/components/chart/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['echarts', 'echarts/*'], message: 'Use components/chart.' }] },
      ],
    },
  },
)
