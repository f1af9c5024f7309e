/**
 * The signs that the console draws with, in three sets: braille for good fonts, block for fonts
 * without braille, ASCII for everything else. Only signs whose width all terminals agree on.
 */
export const glyphSetNames = ['braille', 'block', 'ascii'] as const;
export type GlyphSetName = (typeof glyphSetNames)[number];

/** `plain`: nothing is drawn, words stand alone; for those who hear the screen, and for pipes. */
export type GlyphsName = GlyphSetName | 'plain';

export interface Glyphs {
  readonly name: GlyphsName;
  readonly ellipsis: string;
  readonly pointer: string;
  readonly mark: string;
  readonly ok: string;
  readonly working: string;
  readonly warning: string;
  readonly broken: string;
  readonly here: string;
  readonly partly: string;
  readonly elsewhere: string;
  readonly separator: string;
  readonly up: string;
  readonly down: string;
  readonly arrow: string;
  readonly barFull: string;
  readonly barEmpty: string;
  readonly scroll: string;
  readonly horizontal: string;
  readonly vertical: string;
  /** Top left, top right, bottom left, bottom right. */
  readonly corners: readonly [string, string, string, string];
}

const unicode = {
  ellipsis: '…',
  pointer: '▸',
  mark: '✓',
  ok: '●',
  working: '◐',
  warning: '▲',
  broken: '✗',
  here: '●',
  partly: '◐',
  elsewhere: '○',
  separator: '·',
  up: '↑',
  down: '↓',
  arrow: '→',
  barFull: '█',
  barEmpty: '░',
  scroll: '█',
  horizontal: '─',
  vertical: '│',
  corners: ['╭', '╮', '╰', '╯'],
} as const;

export const glyphSets: Readonly<Record<GlyphsName, Glyphs>> = {
  braille: { name: 'braille', ...unicode },
  block: { name: 'block', ...unicode, corners: ['┌', '┐', '└', '┘'] },
  ascii: {
    name: 'ascii',
    ellipsis: '~',
    pointer: '>',
    mark: '*',
    ok: '+',
    working: '~',
    warning: '!',
    broken: 'x',
    here: '+',
    partly: '~',
    elsewhere: '-',
    separator: '-',
    up: '^',
    down: 'v',
    arrow: '->',
    barFull: '#',
    barEmpty: '.',
    scroll: '#',
    horizontal: '-',
    vertical: '|',
    corners: ['+', '+', '+', '+'],
  },
  plain: {
    name: 'plain',
    ellipsis: '...',
    pointer: ' ',
    mark: ' ',
    ok: '',
    working: '',
    warning: '!',
    broken: '!!',
    here: '',
    partly: '',
    elsewhere: '',
    separator: ',',
    up: '',
    down: '',
    arrow: '',
    barFull: '',
    barEmpty: '',
    scroll: '',
    horizontal: '',
    vertical: '',
    corners: ['', '', '', ''],
  },
};

/** What this terminal can surely show. */
export function glyphsFor(environment: Readonly<Record<string, string | undefined>>): GlyphSetName {
  const { TERM: term, LC_ALL: all, LC_CTYPE: ctype, LANG: lang } = environment;
  const locale = [all, ctype, lang].find((value) => value !== undefined && value !== '') ?? '';
  if (!/utf-?8/i.test(locale)) return 'ascii';
  return term === 'linux' ? 'block' : 'braille';
}
