/** The whole state of the console: one value, changed only by `reducer.ts`. */
import type { EventRecord } from '../../protocol/control/reports.ts';
import type { Slices, ViewId } from '../views/slices.ts';
import type { Modal } from './modal.ts';
import type { Data } from './resources.ts';
import type { Series } from './series.ts';
import type { TextInput } from './text-input.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** How the connection to the agent is. */
export interface Link {
  readonly state: 'connecting' | 'online' | 'lost';
  /** Since when; Unix time. */
  readonly sinceMs: number;
  /** When the agent was last heard; Unix time. 0: never. */
  readonly heardMs: number;
  readonly reason?: string | undefined;
  readonly next?: string | undefined;
}

export interface Notice {
  readonly id: number;
  readonly kind: 'done' | 'warning' | 'failed';
  readonly text: string;
  readonly next?: string | undefined;
}

/** A request that runs. */
export interface Task {
  readonly id: number;
  readonly title: string;
  readonly done?: number | undefined;
  readonly total?: number | undefined;
}

/** Something that can be taken back; how is known to the dispatcher. */
export interface Undoable {
  readonly id: number;
  readonly title: string;
}

export interface State {
  readonly size: Size;
  /** By the clock of this machine; moves on only while something on the screen depends on it. */
  readonly nowMs: number;
  readonly view: ViewId;
  readonly back: readonly ViewId[];
  readonly forward: readonly ViewId[];
  /** Number of the pane that has the keys, for each view. */
  readonly focus: Partial<Readonly<Record<ViewId, number>>>;
  /** Only the focused pane is shown. */
  readonly zoomed: boolean;
  /** Data stays as it is. */
  readonly frozen: boolean;
  readonly readOnly: boolean;
  readonly mouse: boolean;
  /** Options of `vault` that lead to the agent that is shown; empty: it finds that one without. */
  readonly reach: readonly string[];
  /** The agent is on another machine: its files are not ours. */
  readonly remote: boolean;
  /** Uppermost last. */
  readonly modals: readonly Modal[];
  readonly filters: Partial<Readonly<Record<ViewId, string>>>;
  /** The filter while it is typed. */
  readonly filterInput: TextInput | undefined;
  /** Keys of a sequence that has begun. */
  readonly pendingKeys: string;
  readonly notice: Notice | undefined;
  readonly tasks: readonly Task[];
  readonly undo: readonly Undoable[];
  /** Command lines of what was done here, the latest last. */
  readonly commands: readonly string[];
  readonly link: Link;
  readonly data: Data;
  /** The latest last. */
  readonly events: readonly EventRecord[];
  readonly series: Series;
  readonly slices: Slices;
}

export interface StartSettings {
  readonly size: Size;
  readonly nowMs: number;
  readonly view: ViewId;
  readonly readOnly: boolean;
  readonly mouse: boolean;
  readonly reach?: readonly string[] | undefined;
  readonly remote?: boolean | undefined;
}

export function initialState(settings: StartSettings, slices: Slices): State {
  const { nowMs } = settings;
  return {
    ...settings,
    reach: settings.reach ?? [],
    remote: settings.remote ?? false,
    back: [],
    forward: [],
    focus: {},
    zoomed: false,
    frozen: false,
    modals: [],
    filters: {},
    filterInput: undefined,
    pendingKeys: '',
    notice: undefined,
    tasks: [],
    undo: [],
    commands: [],
    link: { state: 'connecting', sinceMs: nowMs, heardMs: 0 },
    data: {},
    events: [],
    series: { in: [], out: [], devices: new Map() },
    slices,
  };
}
