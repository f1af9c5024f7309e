/** A line of text that is being typed, and its cursor. Pure. */
export interface TextInput {
  readonly text: string;
  /** In code points, from the beginning. */
  readonly cursor: number;
}

export const emptyInput: TextInput = { text: '', cursor: 0 };

/** Nobody types more; what is pasted may be. */
export const codePointsMax = 4096;

export function inputOf(text: string): TextInput {
  return { text, cursor: [...text].length };
}

export function insert(input: TextInput, typed: string): TextInput {
  // A paste may have lines; this is one.
  const clean = [...typed.replace(/[\r\n\t]+/g, ' ')].filter((each) => each >= ' ');
  const [before, after] = split(input);
  const room = Math.max(0, codePointsMax - before.length - after.length);
  const added = clean.slice(0, room);
  return {
    text: [...before, ...added, ...after].join(''),
    cursor: before.length + added.length,
  };
}

/** Handles an editing key; undefined: it is not one. */
export function edit(input: TextInput, key: string): TextInput | undefined {
  const [before, after] = split(input);
  switch (key) {
    case 'left':
    case 'ctrl+b':
      return at(before, after, before.length - 1);
    case 'right':
    case 'ctrl+f':
      return at(before, after, before.length + 1);
    case 'home':
    case 'ctrl+a':
      return at(before, after, 0);
    case 'end':
    case 'ctrl+e':
      return at(before, after, before.length + after.length);
    case 'backspace':
      return join(before.slice(0, -1), after);
    case 'delete':
      return join(before, after.slice(1));
    case 'ctrl+w':
      return join([...before.join('').replace(/\S+\s*$/, '')], after);
    case 'ctrl+u':
      return join([], after);
    case 'ctrl+k':
      return join(before, []);
    default:
      return undefined;
  }
}

/** Text before the cursor, the character under it (a space at the end), text behind it. */
export function around(input: TextInput): readonly [string, string, string] {
  const [before, after] = split(input);
  return [before.join(''), after[0] ?? ' ', after.slice(1).join('')];
}

function split({ text, cursor }: TextInput): readonly [string[], string[]] {
  const characters = [...text];
  return [characters.slice(0, cursor), characters.slice(cursor)];
}

function join(before: readonly string[], after: readonly string[]): TextInput {
  return { text: [...before, ...after].join(''), cursor: before.length };
}

function at(before: readonly string[], after: readonly string[], cursor: number): TextInput {
  const all = [...before, ...after];
  return { text: all.join(''), cursor: Math.min(Math.max(0, cursor), all.length) };
}
