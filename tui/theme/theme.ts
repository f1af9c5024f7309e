/**
 * Colours by meaning. The default uses the sixteen colours that the user has chosen for the terminal;
 * without colour (NO_COLOR) bold, underline and inverse stay, and no state is told by colour alone.
 */
import { glyphSets } from './glyphs.ts';
import type { Glyphs, GlyphsName } from './glyphs.ts';

export type Role =
  | 'text'
  | 'strong'
  | 'dim'
  | 'accent'
  | 'ok'
  | 'working'
  | 'warn'
  | 'bad'
  | 'selected'
  | 'unfocused'
  | 'border'
  | 'focus'
  | 'key'
  | 'in'
  | 'out';

export const themeNames = ['default', 'contrast', 'safe', 'mono'] as const;
export type ThemeName = (typeof themeNames)[number];

export interface Theme {
  readonly name: ThemeName;
  readonly glyphs: Glyphs;
  /** Only ASCII may reach the terminal. */
  readonly asciiText: boolean;
  /** Parameters of the SGR sequence; empty: nothing. */
  readonly sgr: Readonly<Record<Role, string>>;
}

const mono: Readonly<Record<Role, string>> = {
  text: '',
  strong: '1',
  dim: '',
  accent: '1',
  ok: '',
  working: '',
  warn: '1',
  bad: '1;4',
  selected: '7',
  unfocused: '4',
  border: '',
  focus: '1',
  key: '1',
  in: '',
  out: '',
};

const palettes: Readonly<Record<ThemeName, Readonly<Record<Role, string>>>> = {
  mono,
  default: {
    ...mono,
    dim: '2',
    accent: '36',
    ok: '32',
    working: '36',
    warn: '33',
    bad: '1;31',
    border: '2',
    focus: '36',
    key: '1;36',
    in: '32',
    out: '35',
  },
  contrast: {
    ...mono,
    accent: '1;96',
    ok: '1;92',
    working: '1;96',
    warn: '1;93',
    bad: '1;97;41',
    selected: '1;30;107',
    focus: '1;97',
    key: '1;93',
    in: '1;92',
    out: '1;95',
  },
  /** Blue and orange: told apart by eyes that do not tell red from green. */
  safe: {
    ...mono,
    dim: '2',
    accent: '38;5;75',
    ok: '38;5;75',
    working: '38;5;117',
    warn: '38;5;214',
    bad: '1;38;5;208',
    border: '2',
    focus: '38;5;75',
    key: '1;38;5;75',
    in: '38;5;75',
    out: '38;5;214',
  },
};

export interface ThemeChoice {
  readonly name: ThemeName;
  readonly glyphs: GlyphsName;
  readonly asciiText: boolean;
}

export function createTheme(choice: ThemeChoice): Theme {
  return {
    name: choice.name,
    glyphs: glyphSets[choice.glyphs],
    asciiText: choice.asciiText,
    sgr: palettes[choice.name],
  };
}
