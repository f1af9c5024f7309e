/**
 * How the tests run. Every file is a process of its own, and most load the same few hundred modules:
 * what was compiled, types stripped, is kept for the next one. Absolute, since agents that tests start
 * inherit it and run in other directories.
 */
import { fileURLToPath } from 'node:url';

export default {
  files: [
    'test/**/*.ts',
    '!test/{helpers,suites,fixtures,vectors,torture}/**',
    '!test/simulation/{world,checkers,workload}/**',
  ],
  extensions: ['ts'],
  nodeArguments: [
    '--disallow-code-generation-from-strings',
    '--disable-warning=ExperimentalWarning',
  ],
  environmentVariables: {
    NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url)),
  },
  workerThreads: false,
  timeout: '120s',
};
