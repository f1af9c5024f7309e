// Writes what the keymap knows into vault-tui(1): the sections CONSOLE VIEWS and KEYS. Run it after a key, a
// title or a view has changed: node tools/console-keys.js
import { readFileSync, writeFileSync } from 'node:fs';
import { keyText } from '../tui/keymap/keys.ts';
import { allActions } from '../tui/keymap/action-list.ts';
import { anyView } from '../tui/views/all.ts';
import { viewIds } from '../tui/views/slices.ts';

const page = new URL('../man/vault-tui.1', import.meta.url);
const views = viewIds.map((id) => anyView(id));
const list = (rows) => ['.Bl -tag -width Ds', ...rows, '.El'];
const capital = (text) => text[0].toUpperCase() + text.slice(1);

/** Single signs of punctuation would be taken for the end of a sentence. */
function macro(key) {
  const text = keyText(key).replaceAll('"', '""');
  return `Ic ${/^[.,:;()[\]?!|]$/.test(text) ? '\\&' : ''}${text}`;
}

function keyList(place) {
  const actions = allActions().filter((action) => action.place === place);
  return list(
    actions.flatMap(({ keys, title }) => [
      `.It ${keys.map(macro).join(' , ')}`,
      title.endsWith('?') ? title : `${title}.`,
    ]),
  );
}

const made = [
  '.Sh CONSOLE VIEWS',
  ...list(views.flatMap(({ title, about }) => [`.It ${title}`, `${capital(about)}.`])),
  '.Sh KEYS',
  '.Ss Everywhere',
  ...keyList('everywhere'),
  ...views.flatMap(({ id, title }) => [`.Ss ${title}`, ...keyList(id)]),
].join('\n');
const text = readFileSync(page, 'utf8');
writeFileSync(
  page,
  text.replace(/^\.Sh CONSOLE VIEWS\n[^]*?(?=^\.Sh DIALOGS)/m, () => `${made}\n`),
);
