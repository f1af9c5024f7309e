import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { allActions } from '../../tui/keymap/action-list.ts';
import { keyText } from '../../tui/keymap/keys.ts';
import { flags } from '../../tui/options.ts';
import { anyView, viewTitles } from '../../tui/views/all.ts';
import { viewIds } from '../../tui/views/slices.ts';

const lines = readFileSync(join(import.meta.dirname, '../../man/vault-tui.1'), 'utf8').split('\n');

/** Lines of one section. */
function section(title: string): readonly string[] {
  const start = lines.indexOf(`.Sh ${title}`);
  const end = lines.findIndex((line, at) => at > start && line.startsWith('.Sh '));
  return start < 0 ? [] : lines.slice(start + 1, end < 0 ? undefined : end);
}

/** As the page writes a key: a macro that prints it, protected where it begins with a dot or quote. */
function keyMacro(key: string): string {
  return `Ic ${/^[.,:;()[\]?!|]$/.test(key) ? '\\&' : ''}${key.replaceAll('"', '""')}`;
}

test('every key of every action is there with what it does, and no other one', (t) => {
  const rows = section('KEYS');
  const described = new Map<string, string>();
  let head = '';
  for (const [at, line] of rows.entries()) {
    if (line.startsWith('.Ss ')) head = line.slice(4);
    if (line.startsWith('.It ')) described.set(`${head}: ${line.slice(4)}`, rows[at + 1] ?? '');
  }
  const expected = new Map(
    allActions().map(({ place, keys, title }) => {
      const under = place === 'everywhere' || place === 'dialog' ? 'Everywhere' : viewTitles[place];
      const macro = keys.map((key) => keyMacro(keyText(key))).join(' , ');
      return [`${under}: ${macro}`, title] as const;
    }),
  );
  t.deepEqual(
    new Map([...described].map(([key, text]) => [key, text.replace(/\.$/, '')])),
    expected,
  );
});

test('every view is there with what it shows', (t) => {
  const rows = section('CONSOLE VIEWS');
  for (const id of viewIds) {
    const view = anyView(id);
    const at = rows.indexOf(`.It ${view.title}`);
    t.true(at >= 0, id);
    t.is(rows[at + 1], `${view.about[0]?.toUpperCase() ?? ''}${view.about.slice(1)}.`);
  }
});

test('every flag is there, and no other one', (t) => {
  const described = lines.flatMap((line) => [
    ...line.matchAll(/^\.It Fl (?:\w , Fl )?-([a-z-]+)/g),
  ]);
  t.deepEqual(described.map(([, name]) => name).sort(), [...Object.keys(flags), 'version'].sort());
});
