/** The command line of `vault-tui`. Pure. */
import { parseArgs } from 'node:util';
import { VaultError } from '../protocol/errors.ts';
import { glyphSetNames, glyphsFor } from './theme/glyphs.ts';
import type { GlyphSetName } from './theme/glyphs.ts';
import { themeNames } from './theme/theme.ts';
import type { ThemeChoice, ThemeName } from './theme/theme.ts';
import { viewIds } from './views/slices.ts';
import type { ViewId } from './views/slices.ts';

export interface Options {
  readonly help: boolean;
  readonly home: string | undefined;
  readonly socket: string | undefined;
  readonly readOnly: boolean;
  readonly mouse: boolean;
  readonly view: ViewId;
  readonly theme: ThemeChoice;
  /** One text instead of a screen. */
  readonly plain: boolean;
  /** Again when something has changed. */
  readonly watch: boolean;
  /** The machine whose agent is shown; undefined: this one. */
  readonly ssh: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

interface Flag {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  readonly value?: string;
  readonly about: string;
}

/** In the order of the help and of the manual. */
export const flags = {
  attach: { type: 'string', value: 'SOCKET', about: 'socket of the agent (VAULT_SOCKET)' },
  home: { type: 'string', value: 'DIR', about: 'home of the agent (VAULT_HOME)' },
  ssh: { type: 'string', value: 'HOST', about: 'the agent there, through vault relay (VAULT_RSH)' },
  view: { type: 'string', value: 'NAME', about: `begin with: ${viewIds.join(', ')}` },
  'read-only': { type: 'boolean', about: 'look, change nothing' },
  theme: { type: 'string', value: 'NAME', about: `colours: ${themeNames.join(', ')}` },
  glyphs: { type: 'string', value: 'SET', about: `signs: ${glyphSetNames.join(', ')}` },
  'no-mouse': { type: 'boolean', about: 'leave the mouse to the terminal' },
  plain: { type: 'boolean', about: 'one view as plain text, for screen readers and pipes' },
  watch: { type: 'boolean', about: 'with --plain: again whenever it has changed' },
  help: { type: 'boolean', short: 'h', about: 'show this help' },
} as const satisfies Readonly<Record<string, Flag>>;

const op = 'tui.options';

/**
 * @throws VaultError `usage`
 */
export function parseOptions(words: readonly string[], environment: Environment): Options {
  const { values } = parse(words);
  if (values.watch === true && values.plain !== true) {
    const detail = 'it goes with --plain; the whole screen watches by itself';
    throw new VaultError('usage', { op, subject: '--watch', detail, next: 'vault-tui --help' });
  }
  const noColour = (environment['NO_COLOR'] ?? '') !== '';
  const safest = glyphsFor(environment);
  return {
    help: values.help === true,
    home: values.home,
    socket: values.attach,
    readOnly: values['read-only'] === true,
    mouse: values['no-mouse'] !== true,
    view: oneOf('view', values.view ?? 'overview', viewIds),
    plain: values.plain === true,
    watch: values.watch === true,
    ssh: values.ssh,
    theme: {
      name: noColour ? 'mono' : oneOf<ThemeName>('theme', values.theme ?? 'default', themeNames),
      glyphs: oneOf<GlyphSetName>('glyphs', values.glyphs ?? safest, glyphSetNames),
      asciiText: safest === 'ascii',
    },
  };
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: flags, strict: true, allowPositionals: false });
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new VaultError('usage', { op, detail, next: 'vault-tui --help', cause });
  }
}

function oneOf<Word extends string>(flag: string, word: string, allowed: readonly Word[]): Word {
  const found = allowed.find((each) => each === word);
  if (found !== undefined) return found;
  throw new VaultError('usage', {
    op,
    subject: `--${flag} ${word}`,
    detail: `it is one of: ${allowed.join(', ')}`,
    next: 'vault-tui --help',
  });
}

export function helpText(): string {
  const rows = Object.entries<Flag>(flags).map(([name, { short, value, about }]) => {
    const names = `${short === undefined ? '' : `-${short}, `}--${name}`;
    return [value === undefined ? names : `${names} ${value}`, about] as const;
  });
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    'vault-tui [OPTION...]',
    '',
    'Watches and works with a vault, full screen. ? shows the keys.',
    '',
    ...rows.map(([name, about]) => `  ${name.padEnd(width)}  ${about}`),
  ].join('\n');
}
