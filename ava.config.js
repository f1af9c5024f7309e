/**
 * How the tests run. Every file is a process of its own, and most load the same few hundred modules:
 * what was compiled, types stripped, is kept for the next one. Absolute, since agents that tests start
 * inherit it and run in other directories.
 */
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What takes longest comes first, so that nobody waits for it alone at the end. */
const longestFirst = [
  /^test\/e2e\/(power-cut|crash|keys|damage|console\/memory)\.ts$/,
  /^test\/(protocol\/decoders|tidy|cli\/main|agent\/vaultd\/start)\.ts$/,
  /^test\/e2e\//,
  /^test\/simulation\//,
  /^test\/.*\/(histories|nth-fault|\w+-histories)\.ts$/,
];

function rank(file) {
  const path = relative(import.meta.dirname, file);
  const found = longestFirst.findIndex((pattern) => pattern.test(path));
  return found === -1 ? longestFirst.length : found;
}

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
  // Tests with real processes wait for them about a third of the time.
  concurrency: availableParallelism() + 1,
  sortTestFiles: (one, other) => rank(one) - rank(other),
  timeout: '120s',
};
