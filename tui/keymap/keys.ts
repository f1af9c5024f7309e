/** Names of keys: what the terminal library reports, as words such as `j`, `ctrl+d`, `shift+tab`. Pure. */

/** The part of the library's report that is used. */
export interface KeyReport {
  readonly upArrow: boolean;
  readonly downArrow: boolean;
  readonly leftArrow: boolean;
  readonly rightArrow: boolean;
  readonly pageDown: boolean;
  readonly pageUp: boolean;
  readonly home: boolean;
  readonly end: boolean;
  readonly return: boolean;
  readonly escape: boolean;
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly tab: boolean;
  readonly backspace: boolean;
  readonly delete: boolean;
  readonly meta: boolean;
}

const named: readonly (readonly [keyof KeyReport, string])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageDown', 'pagedown'],
  ['pageUp', 'pageup'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'esc'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
];

/** Of `Esc [ 25 ~`, `Esc [ < 0 ; 5 ; 7 M` and the like, what the library leaves. */
const unknownSequence = /^\[[<=>?]?[\d;:]+[ -/]*[@-~]$/;

/** The keys of one report, in the order in which they were typed: several when somebody types fast. */
export function keysOf(input: string, key: KeyReport): readonly string[] {
  if (key.tab) return [key.shift ? 'shift+tab' : 'tab'];
  const name = named.find(([field]) => key[field] === true)?.[1];
  if (name !== undefined) return [key.ctrl ? `ctrl+${name}` : name];
  if (input === '') return [];
  if (key.ctrl) return [`ctrl+${input === ' ' ? 'space' : input.toLowerCase()}`];
  if (key.meta) return [`alt+${input}`];
  // F1 comes as it is from some terminals.
  if (/^\[?(OP|\[A|11~)$/.test(input)) return ['f1'];
  // What a terminal says of itself, and keys that nobody knows, are no letters.
  if (unknownSequence.test(input)) return [];
  return [...input].flatMap((character) => {
    if (character === ' ') return ['space'];
    if (character === '\r' || character === '\n') return ['enter'];
    if (character === '\t') return ['tab'];
    const code = character.charCodeAt(0);
    if (code >= 1 && code <= 26) return [`ctrl+${String.fromCharCode(code + 0x60)}`];
    return code < 0x20 ? [] : [character];
  });
}

/** The character that a key stands for in a line of text; undefined: none. */
export function characterOf(key: string): string | undefined {
  if (key === 'space') return ' ';
  return [...key].length === 1 ? key : undefined;
}

const shown: ReadonlyMap<string, string> = new Map([
  ['up', 'Up'],
  ['down', 'Down'],
  ['left', 'Left'],
  ['right', 'Right'],
  ['pageup', 'PgUp'],
  ['pagedown', 'PgDn'],
  ['home', 'Home'],
  ['end', 'End'],
  ['enter', 'Enter'],
  ['esc', 'Esc'],
  ['tab', 'Tab'],
  ['space', 'Space'],
  ['backspace', 'Backspace'],
  ['delete', 'Delete'],
  ['f1', 'F1'],
]);

/** A key as people write it: `Ctrl-D`, `Shift-Tab`, `g g`. */
export function keyText(key: string): string {
  return key
    .split(' ')
    .map((part) => {
      const [, modifier, rest] = /^(ctrl|shift|alt)\+(.+)$/.exec(part) ?? [];
      if (modifier === undefined || rest === undefined) return shown.get(part) ?? part;
      const capital = modifier[0]?.toUpperCase() ?? '';
      const name = shown.get(rest) ?? (modifier === 'ctrl' ? rest.toUpperCase() : rest);
      return `${capital}${modifier.slice(1)}-${name}`;
    })
    .join(' ');
}
