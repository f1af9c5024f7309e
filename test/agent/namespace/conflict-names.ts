import test from 'ava';
import { isUtf8 } from 'node:buffer';
import { conflictName } from '../../../agent/namespace/conflict-names.ts';

const note = { wallMs: Date.UTC(2026, 10, 21, 23, 59, 59), label: 'laptop', tag: '3f2a' };

function shown(name: string, changes: Partial<typeof note> = {}): string {
  const bytes = conflictName(Buffer.from(name).toString('latin1'), { ...note, ...changes });
  return Buffer.from(bytes, 'latin1').toString();
}

test('a conflict name holds date, device and tag before the extension', (t) => {
  t.is(shown('name.ext'), 'name (conflict 2026-11-21 laptop 3f2a).ext');
  t.is(shown('Makefile'), 'Makefile (conflict 2026-11-21 laptop 3f2a)');
  t.is(shown('.profile'), '.profile (conflict 2026-11-21 laptop 3f2a)');
  t.is(shown('a.tar.gz'), 'a.tar (conflict 2026-11-21 laptop 3f2a).gz');
});

for (const length of [1, 200, 213, 214, 215, 216, 254, 255]) {
  test(`a name of ${String(length)} bytes becomes one of at most 255, with its extension`, (t) => {
    const name = shown(`${'x'.repeat(Math.max(1, length - 4))}.txt`);
    t.true(Buffer.byteLength(name) <= 255);
    t.true(name.endsWith(' (conflict 2026-11-21 laptop 3f2a).txt'));
  });
}

test('a long name is cut between characters', (t) => {
  for (const letter of ['é', '字', '🙂']) {
    for (let pad = 0; pad < 4; pad += 1) {
      const long = 'x'.repeat(pad) + letter.repeat(Math.floor(250 / Buffer.byteLength(letter)));
      const name = Buffer.from(conflictName(Buffer.from(long).toString('latin1'), note), 'latin1');
      t.true(name.length <= 255);
      t.true(isUtf8(name));
    }
  }
});

test('a name that is no UTF-8 is cut anywhere', (t) => {
  const name = conflictName('\x80'.repeat(255), note);
  t.is(name.length, 255);
});

test('an extension that is too long to keep is none', (t) => {
  t.is(shown(`a.${'e'.repeat(40)}`), `a.${'e'.repeat(40)} (conflict 2026-11-21 laptop 3f2a)`);
});

test('a label with what no name may hold is cleaned, a long one is cut, an empty one is replaced', (t) => {
  t.is(shown('a', { label: 'a/b\n(c)' }), 'a (conflict 2026-11-21 abc 3f2a)');
  t.is(shown('a', { label: '' }), 'a (conflict 2026-11-21 device 3f2a)');
  t.true(Buffer.byteLength(shown('a', { label: 'é'.repeat(200) })) < 80);
});

test('a stamp beyond the calendar is shown as its end', (t) => {
  t.is(shown('a', { wallMs: Number.MAX_SAFE_INTEGER }), 'a (conflict 9999-12-31 laptop 3f2a)');
});
