import test from 'ava';
import fc from 'fast-check';
import { editConfig, valueInFile } from '../../../agent/config/edit.ts';
import { resolveConfig } from '../../../agent/config/config.ts';
import { configTemplate } from '../../../agent/config/template.ts';
import { isVaultError } from '../../../protocol/errors.ts';

const path = '/home/config.toml';

function valueIn(text: string, key: string) {
  const sources = { flags: {}, environment: {}, filePath: path, defaults: { name: '' } };
  return resolveConfig({ ...sources, file: { path, text } }).explain(key).value;
}

function refusal(text: string, edit: { key: string; value: string | undefined }) {
  try {
    editConfig(text, edit, path);
  } catch (error) {
    if (isVaultError(error)) return error;
    throw error;
  }
  throw new Error('it was taken');
}

const template = configTemplate({ name: 'laptop' });

test('a setting of a new home is set below its explanation, and nothing else changes', (t) => {
  const edited = editConfig(template, { key: 'log.level', value: 'debug' }, path);
  t.is(valueIn(edited, 'log.level'), 'debug');
  const added = edited.split('\n').filter((line) => !template.split('\n').includes(line));
  t.deepEqual(added, ['level = "debug"']);
  const lines = edited.split('\n');
  t.regex(lines[lines.indexOf('level = "debug"') - 1] ?? '', /^# level = /);
});

test('what was set is set again in its place, and taken out again', (t) => {
  const once = editConfig(template, { key: 'name', value: 'nas "two"' }, path);
  t.is(valueIn(once, 'name'), 'nas "two"');
  t.is(once.split('\n').length, template.split('\n').length);
  const without = editConfig(once, { key: 'name', value: undefined }, path);
  t.is(valueIn(without, 'name'), '');
});

test('a file that is empty, or has only other tables, gets the table', (t) => {
  t.is(
    valueIn(editConfig('', { key: 'peers.beacon', value: 'false' }, path), 'peers.beacon'),
    false,
  );
  const other = editConfig('[log]\nlevel = "warn"', { key: 'work.threads', value: '3' }, path);
  t.is(valueIn(other, 'work.threads'), 3);
  t.is(valueIn(other, 'log.level'), 'warn');
});

test('dotted keys and lists are understood', (t) => {
  const text = 'log.level = "warn"\npeers.addresses = ["10.0.0.1:1"]\n';
  const edited = editConfig(text, { key: 'peers.addresses', value: '10.0.0.2:2,10.0.0.3:3' }, path);
  t.deepEqual(valueIn(edited, 'peers.addresses'), ['10.0.0.2:2', '10.0.0.3:3']);
  t.is(valueIn(editConfig(text, { key: 'log.level', value: 'info' }, path), 'log.level'), 'info');
});

test('what it would get wrong is refused, with what can be done', (t) => {
  const spread = 'peers.addresses = [\n  "10.0.0.1:1",\n]\n';
  const inline = 'log = { level = "warn" }\n';
  t.is(refusal(spread, { key: 'peers.addresses', value: '10.0.0.2:2' }).code, 'not-supported');
  t.is(refusal(inline, { key: 'log.level', value: undefined }).code, 'not-supported');
  t.regex(refusal(inline, { key: 'log.level', value: 'info' }).next ?? '', /editor/);
});

test('unknown settings, bad values and broken files are refused', (t) => {
  t.regex(refusal('', { key: 'log.levle', value: 'info' }).next ?? '', /log\.level/);
  const bad = refusal('', { key: 'log.level', value: 'loud' });
  t.is(bad.code, 'usage');
  t.regex(bad.next ?? '', /debug\|info/);
  t.is(refusal('log.level = ', { key: 'log.level', value: 'info' }).code, 'config-invalid');
});

test('property: after any edits in any order the file says the last of each', (t) => {
  const values = {
    name: fc
      .string({ minLength: 1, maxLength: 20 })
      .filter((text) => !/[\u0000-\u001f\u007f-\u009f]/.test(text)),
    'log.level': fc.constantFrom('debug', 'info', 'warn', 'error'),
    'work.threads': fc.integer({ min: 0, max: 64 }).map(String),
    'peers.beacon': fc.constantFrom('true', 'false'),
  };
  const edit = fc.oneof(
    ...Object.entries(values).map(([key, value]) =>
      fc.record({ key: fc.constant(key), value: fc.option(value, { nil: undefined }) }),
    ),
  );
  fc.assert(
    fc.property(fc.constantFrom('', template), fc.array(edit, { maxLength: 8 }), (start, edits) => {
      const last = new Map<string, string | undefined>();
      let text = start;
      for (const each of edits) {
        text = editConfig(text, each, path);
        last.set(each.key, each.value);
      }
      for (const [key, value] of last) {
        if (value !== undefined) t.is(String(valueIn(text, key)), value);
      }
    }),
    { numRuns: 200 },
  );
});

test('what the file says is told, and that it says nothing', (t) => {
  t.is(valueInFile('[log]\nlevel = "debug"\n', 'log.level', path), 'debug');
  t.is(valueInFile(template, 'log.level', path), null);
});

test('the comment behind a changed value stays', (t) => {
  for (const [line, value, wanted] of [
    ['name = "nas"   # of the cellar', 'cellar', 'name = "cellar"   # of the cellar'],
    ["name = 'n#s' # odd", 'x', 'name = "x" # odd'],
    ['name = "a\\"#b"', 'x', 'name = "x"'],
  ] as const) {
    t.is(editConfig(`${line}\n`, { key: 'name', value }, path), `${wanted}\n`);
  }
  const list = 'addresses = ["a:1", "b:2"] # both\n';
  const edited = editConfig(`[peers]\n${list}`, { key: 'peers.addresses', value: 'c:3' }, path);
  t.is(edited, '[peers]\naddresses = ["c:3"] # both\n');
});
