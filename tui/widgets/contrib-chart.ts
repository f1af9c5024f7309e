/**
 * Charts of blessed-contrib, drawn off the screen and taken over as rows. One screen for all of them,
 * since each would keep 775 KB for ever; without handlers of the process, without terminal strings
 * (they are compiled from text, which this program does not allow itself), loaded at the first use.
 */
import { createRequire } from 'node:module';
import { Readable, Writable } from 'node:stream';
import { span } from '../screen/span.ts';
import type { Row, Span } from '../screen/span.ts';
import type { Role } from '../theme/theme.ts';
import type { GraphSize } from './sparkline.ts';

export interface ChartSeries {
  readonly values: readonly number[];
  readonly role: 'in' | 'out';
}

export interface LineChart {
  readonly series: readonly ChartSeries[];
  /** Below the samples; as many as there are values. */
  readonly labels: readonly string[];
  readonly highest: number;
}

/** Two lines with axes. The values of one series are drawn from left to right. */
export function lineChartRows(chart: LineChart, size: GraphSize): readonly Row[] {
  const canvas = (shared ??= createCanvas());
  const options = {
    showLegend: false,
    maxY: chart.highest,
    numYLabels: Math.max(2, Math.floor(size.height / 3)),
    wholeNumbersOnly: false,
    style: { line: 'green', text: 'white', baseline: 'white' },
  };
  const data = chart.series.map(({ values, role }) => ({
    x: [...chart.labels],
    y: [...values],
    style: { line: colours[role] },
  }));
  return canvas.draw(canvas.contrib.line, { options, data, size });
}

const colours = { in: 'green', out: 'magenta' } as const;
/** Numbers of those colours in the attributes of a cell. */
const rolesByColour: ReadonlyMap<number, Role> = new Map([
  [2, 'in'],
  [5, 'out'],
]);

// --- the part of the library that is used ----------------------------------------------------------

interface Widget {
  setData(data: unknown): void;
  detach(): void;
}

type WidgetConstructor = (options: object) => Widget;

interface Screen {
  lines: readonly (readonly (readonly [number, string])[])[];
  readonly program: { cols: number; rows: number };
  draw: () => void;
  alloc(): void;
  append(widget: Widget): void;
  render(): void;
}

interface Handlers {
  _bound?: boolean;
  [handler: `_${string}Handler`]: () => void;
}

interface Blessed {
  screen(options: object): Screen;
  readonly Screen: Handlers;
  readonly Program: Handlers;
  readonly Tput: { readonly prototype: { _compile: () => () => string } };
}

interface Canvas {
  readonly contrib: { readonly line: WidgetConstructor };
  draw(
    make: WidgetConstructor,
    drawing: { readonly options: object; readonly data: unknown; readonly size: GraphSize },
  ): readonly Row[];
}

let shared: Canvas | undefined;

function createCanvas(): Canvas {
  const load = createRequire(import.meta.url);
  const blessed = load('blessed') as Blessed;
  blessed.Tput.prototype._compile = () => () => '';
  keepAwayFromProcess(blessed);
  const screen = blessed.screen({
    input: Object.assign(new Readable({ read: () => undefined }), { isTTY: false }),
    output: Object.assign(
      new Writable({
        write: (_chunk, _encoding, done) => {
          done();
        },
      }),
      {
        columns: 80,
        rows: 24,
        isTTY: true,
      },
    ),
    terminal: 'xterm-256color',
    fullUnicode: true,
    forceUnicode: true,
    warnings: false,
  });
  screen.draw = () => undefined;
  return {
    contrib: load('blessed-contrib') as Canvas['contrib'],
    draw(make, { options, data, size }) {
      screen.program.cols = size.width;
      screen.program.rows = size.height;
      screen.alloc();
      const widget = make({ ...options, top: 0, left: 0, width: '100%', height: '100%' });
      screen.append(widget);
      try {
        widget.setData(data);
        screen.render();
        return screen.lines.slice(0, size.height).map(rowOfCells);
      } finally {
        widget.detach();
      }
    },
  };
}

/** The library would take over signals and the end of the process. */
function keepAwayFromProcess({ Screen: screen, Program: program }: Blessed): void {
  screen._bound = true;
  program._bound = true;
  const nothing = (): void => undefined;
  for (const name of ['exception', 'sigterm', 'sigint', 'sigquit', 'exit'] as const) {
    screen[`_${name}Handler`] = nothing;
  }
  program['_exitHandler'] = nothing;
}

/** Cells with the same colour are one span; empty braille cells are spaces. */
function rowOfCells(cells: readonly (readonly [number, string])[]): Row {
  const spans: Span[] = [];
  for (const [attribute, character] of cells) {
    const role = rolesByColour.get((attribute >> 9) & 0x1ff) ?? 'dim';
    const text = character === '\u2800' || character === '\0' ? ' ' : character;
    const last = spans.at(-1);
    if (last !== undefined && (last.role === role || text === ' ')) {
      spans[spans.length - 1] = { ...last, text: last.text + text };
    } else {
      spans.push(span(role, text));
    }
  }
  return spans;
}
