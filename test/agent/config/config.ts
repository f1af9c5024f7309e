import test from 'ava';
import { parse } from 'smol-toml';
import { resolveConfig } from '../../../agent/config/config.ts';
import type { ConfigSources } from '../../../agent/config/config.ts';
import { configTemplate } from '../../../agent/config/template.ts';
import { configKeys, settings } from '../../../agent/config/settings.ts';
import { isVaultError } from '../../../protocol/errors.ts';

function resolve(sources: Partial<Omit<ConfigSources, 'file'>> & { readonly toml?: string } = {}) {
  const { toml, ...rest } = sources;
  return resolveConfig({
    flags: {},
    environment: {},
    filePath: '/home/config.toml',
    defaults: { name: 'machine' },
    ...rest,
    file: toml === undefined ? undefined : { path: '/home/config.toml', text: toml },
  });
}

function complaint(sources: Parameters<typeof resolve>[0]) {
  try {
    resolve(sources);
  } catch (error) {
    if (isVaultError(error)) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

test('without any source every setting has its default', (t) => {
  const config = resolve();
  t.is(config.value('name'), 'machine');
  t.is(config.value('listen'), ':7420');
  t.deepEqual(config.value('peers.addresses'), []);
  t.true(config.describe().every((row) => row.source === 'default' && row.origin === null));
  t.deepEqual(
    config.describe().map((row) => row.key),
    [...configKeys],
  );
});

test('a flag beats the environment, which beats the file, and explain names every loser', (t) => {
  const config = resolve({
    flags: { listen: ':0' },
    environment: { VAULT_LISTEN: '10.0.0.1:2' },
    toml: 'listen = "10.0.0.1:1"\n',
  });
  const row = config.explain('listen');
  t.is(row.value, ':0');
  t.is(row.source, 'flag');
  t.is(row.origin, '--listen');
  t.deepEqual(row.overridden, [
    { source: 'VAULT_LISTEN', value: '10.0.0.1:2' },
    { source: 'config.toml:1', value: '10.0.0.1:1' },
  ]);
});

test('an empty environment variable counts as none', (t) => {
  t.is(resolve({ environment: { VAULT_NAME: '' } }).value('name'), 'machine');
});

test('a bad value in the file is refused with line, column and what is allowed', (t) => {
  const error = complaint({ toml: '# head\nname = "a"\n\n[log]\n  level = "loud"\n' });
  t.is(error.code, 'config-invalid');
  t.is(error.subject, '/home/config.toml:5:3');
  t.is(error.detail, 'log.level is "loud"');
  t.true(error.next?.includes('debug|info|warn|error'));
});

test('a bad value in the environment or a flag is refused with the name of it', (t) => {
  t.is(complaint({ environment: { VAULT_WORK_THREADS: 'many' } }).subject, 'VAULT_WORK_THREADS');
  t.is(complaint({ flags: { listen: 'nowhere' } }).subject, '--listen');
});

test('a loser that is not valid is refused all the same', (t) => {
  const error = complaint({ flags: { listen: ':1' }, toml: 'listen = 5\n' });
  t.is(error.subject, '/home/config.toml:1:1');
});

test('broken syntax is refused with line and column', (t) => {
  const error = complaint({ toml: 'name = "a"\nlisten = \n' });
  t.is(error.code, 'config-invalid');
  t.regex(error.subject ?? '', /config\.toml:2:\d+$/);
});

test('an unknown key is an error that names the nearest known one', (t) => {
  const error = complaint({ toml: '[log]\nlevle = "info"\n' });
  t.is(error.subject, '/home/config.toml:2:1');
  t.is(error.next, 'did you mean log.level?');
  t.true(complaint({ toml: 'zebra = 1' }).next?.startsWith('known settings: name'));
});

test('hostile keys of a file are unknown keys and nothing else', (t) => {
  for (const key of [
    '__proto__',
    'constructor',
    'toString',
    '"\u001b[2J"',
    'name.x',
    'name',
    'log',
  ]) {
    const error = complaint({ toml: `${key} = 1\n` });
    t.is(error.code, 'config-invalid', key);
    t.notRegex(error.message, /\u001b/);
  }
});

test('an empty table is fine where settings live, and refused elsewhere', (t) => {
  t.notThrows(() => resolve({ toml: '[log]\n' }));
  t.is(complaint({ toml: '\n[zebra]\n' }).subject, '/home/config.toml:2:2');
});

test('a deep or huge file is refused, not followed', (t) => {
  t.is(complaint({ toml: `a = ${'{b='.repeat(50)}1${'}'.repeat(50)}` }).code, 'config-invalid');
  t.is(complaint({ toml: `#${' '.repeat(300_000)}` }).code, 'config-invalid');
});

for (const [key, good, bad] of [
  ['work.threads', ['0', '64'], ['65', '-1', '1.5', '1e1', '']],
  [
    'store.ballast-bytes',
    ['0', '16 GiB', '64MiB', '17179869184'],
    ['17179869185', '17GiB', '1 mib'],
  ],
  ['log.file-bytes-max', ['1MiB', '1GiB'], ['1048575', '0']],
  ['peers.beacon', ['true', 'false', '1', '0'], ['yes', 'TRUE']],
  ['name', ['a', 'a'.repeat(64)], ['a'.repeat(65), 'ü'.repeat(33), 'a\u0000', 'a\u001b']],
  [
    'listen',
    [':0', 'h:65535', '[::1]:1', '[fe80::1%eth0]:1'],
    ['h', 'h:65536', ':', '::1:5', 'a b:1'],
  ],
  ['peers.addresses', ['', 'a:1', 'a:1, [::1]:2'], ['a', ':1', 'a:0', 'a:1,,b:1']],
] as const) {
  test(`${key} accepts its border values and refuses those beyond`, (t) => {
    const { environment } = settings[key];
    for (const text of good) {
      t.notThrows(() => resolve({ environment: { [environment]: text } }), text);
    }
    for (const text of bad.filter((item) => item !== '')) {
      t.is(complaint({ environment: { [environment]: text } }).code, 'config-invalid', text);
    }
  });
}

test('values of the wrong TOML type are refused for every setting', (t) => {
  for (const key of configKeys) {
    for (const raw of ['1979-05-27', '[[1]]', '{}', 'nan', '-1']) {
      const error = t.throws(() => resolve({ toml: `${key} = ${raw}\n` }), undefined, key);
      t.true(isVaultError(error, 'config-invalid'), `${key} = ${raw}: ${String(error)}`);
    }
  }
});

test('bytes may be a number or text with a unit', (t) => {
  t.is(resolve({ toml: 'store.ballast-bytes = 5' }).value('store.ballast-bytes'), 5);
  t.is(resolve({ toml: '[store]\nballast-bytes = "2 KiB"' }).value('store.ballast-bytes'), 2048);
});

test('explain refuses an unknown key and names the nearest', (t) => {
  const error = t.throws(() => resolve().explain('lisen'));
  t.true(isVaultError(error, 'not-found'));
  t.is(isVaultError(error) ? error.next : '', 'did you mean listen?');
});

test('the template is valid, sets the name and shows every setting', (t) => {
  const name = 'a "quoted" \\ näme';
  const toml = configTemplate({ name });
  t.deepEqual(parse(toml), { name, keys: {}, log: {}, peers: {}, store: {}, work: {} });
  t.is(resolve({ toml }).value('name'), name);
  for (const key of configKeys) t.true(toml.includes(settings[key].environment), key);
});

test('every line that the template comments out is itself a valid setting', (t) => {
  const toml = configTemplate({ name: 'a' }).replaceAll(/^# ([a-z-]+ = )/gm, '$1');
  const config = resolve({ toml });
  t.true(config.describe().every((row) => row.source === 'file'));
  for (const row of config.describe()) {
    if (row.key !== 'name') t.deepEqual(row.value, row.default, row.key);
  }
});
