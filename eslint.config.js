// Style that a machine can see. Who may import whom is in .dependency-cruiser.cjs.
import tseslint from 'typescript-eslint';

const portsOnly = (name, instead) => ({
  selector: name,
  message: `Chance, time, files and sockets enter the agent as ports (agent/ports.ts): use ${instead}. The simulator hands in its own.`,
});

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'node_modules/',
      'bench/node_modules/',
      'protocol/proto/*.js',
      'protocol/proto/*.d.ts',
    ],
  },
  ...tseslint.configs.strict,
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      'no-restricted-exports': [
        'error',
        { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } },
      ],
      'max-lines': ['error', 400],
      'max-params': ['error', 4],
      'no-empty': ['error', { allowEmptyCatch: false }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['protocol/**/*.ts', 'agent/**/*.ts'],
    ignores: ['agent/host/**', 'agent/main.ts', 'agent/vaultd/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['setTimeout', 'setInterval', 'setImmediate', 'performance', 'process', 'fetch'].map(
          (name) => ({
            name,
            message: 'Time, timers and the process enter the agent as ports (agent/ports.ts).',
          }),
        ),
      ],
      'no-restricted-syntax': [
        'error',
        portsOnly("MemberExpression[object.name='Date'][property.name='now']", 'clock.nowMs()'),
        portsOnly(
          "MemberExpression[object.name='Math'][property.name='random']",
          'random.fraction()',
        ),
        portsOnly("NewExpression[callee.name='Date'][arguments.length=0]", 'clock.nowMs()'),
        portsOnly("CallExpression[callee.name='randomBytes']", 'random.bytes()'),
        portsOnly("CallExpression[callee.name='randomUUID']", 'random.bytes()'),
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: ['fs', 'net', 'dgram', 'child_process', 'worker_threads', 'os', 'http', 'timers']
            .flatMap((name) => [
              name,
              `node:${name}`,
              ...(name === 'fs' || name === 'timers' ? [`node:${name}/promises`] : []),
            ])
            .map((name) => ({
              name,
              message:
                'The world enters the agent as ports (agent/ports.ts); only agent/host and the entry points touch it.',
            })),
        },
      ],
    },
  },
  {
    files: ['cli/**/*.ts', 'bench/**/*.ts', 'demo/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'max-lines': ['error', 800],
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-restricted-exports': 'off',
    },
  },
  {
    files: ['eslint.config.js', '*.cjs', 'bin/*', 'tools/*'],
    ...tseslint.configs.disableTypeChecked,
    rules: {
      ...tseslint.configs.disableTypeChecked.rules,
      'no-restricted-exports': 'off',
      '@typescript-eslint/no-require-imports': 'off',
      'no-undef': 'off',
    },
  },
);
