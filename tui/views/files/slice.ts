/** What the files view remembers: which directory, at which moment, what is shown of it, what is marked. Pure. */
import type { Conflict } from '../../../protocol/messages/control-conflict.ts';
import type { Entry } from '../../../protocol/messages/control-entry.ts';
import type { LogRow, TrashRow } from '../../../protocol/messages/control-history.ts';
import type { Moment } from '../../../protocol/messages/control-moment.ts';
import type { SnapshotRow, WhyReport } from '../../../protocol/control/reports.ts';
import type { PiecesReport } from '../../../protocol/control/transfer-reports.ts';
import { atStart } from '../../state/list-cursor.ts';
import type { ListCursor, Move } from '../../state/list-cursor.ts';
import type { Failure } from '../../state/resources.ts';
import type { Row } from '../../screen/span.ts';
import type { Pair } from './diff.ts';
import type { FileRow, SortOrder } from './listing.ts';

/** What the list shows. */
export type FilesMode = 'browse' | 'history' | 'conflicts' | 'trash' | 'snapshots';

/** Lists that come whole, or fail. */
export type ReadMode = Exclude<FilesMode, 'browse'>;

export interface PastMoment {
  /** As it was asked for. */
  readonly label: string;
  readonly moment: Moment;
}

export interface Listing {
  readonly entries: readonly Entry[];
  /** All of them have come. */
  readonly complete: boolean;
  readonly error?: Failure | undefined;
}

/** What is beside the list: of one thing, named by `key`. */
export interface Side {
  readonly key: string;
  readonly why?: WhyReport | undefined;
  readonly preview?: Preview | undefined;
  /** Of a file that is not whole here. */
  readonly pieces?: PiecesReport | undefined;
  readonly error?: Failure | undefined;
}

export type Preview =
  | { readonly type: 'text'; readonly lines: readonly string[]; readonly whole: boolean }
  | { readonly type: 'bytes'; readonly lines: readonly string[] }
  | {
      readonly type: 'rows';
      readonly rows: readonly Row[];
      /** Lines of two texts beside each other, below the rows. */
      readonly pairs: readonly Pair[];
    };

export interface FilesSlice {
  readonly mode: FilesMode;
  /** From the root; empty: the root. */
  readonly directory: Buffer;
  readonly at: PastMoment | undefined;
  /** undefined: it has not come yet. */
  readonly listing: Listing | undefined;
  /** The listing in order. */
  readonly sorted: readonly FileRow[];
  readonly sort: SortOrder;
  /** Whatever list is shown, it is shown as this allows. */
  readonly filter: string;
  /** That of the list of files, while another list is shown. */
  readonly keptFilter: string;
  readonly cursor: ListCursor;
  /** Where the cursor was in directories above, the nearest last. */
  readonly trail: readonly ListCursor[];
  /** Paths from the root, as latin1. */
  readonly marks: ReadonlySet<string>;
  readonly side: Side | undefined;
  readonly sideTop: number;
  /** Of files that were looked at, by `factsKey`. */
  readonly facts: ReadonlyMap<string, FileFacts>;
  readonly history: History | undefined;
  readonly trash: readonly TrashRow[] | undefined;
  readonly conflicts: readonly Conflict[] | undefined;
  readonly snapshots: readonly SnapshotRow[] | undefined;
  /** Why a list could not be had the last time. */
  readonly failures: Partial<Readonly<Record<ReadMode, Failure>>>;
  /** Of every list but that of files. */
  readonly listCursor: ListCursor;
}

/** What a listing does not say. */
export interface FileFacts {
  /** Devices that hold all of it, and devices that have not said. */
  readonly copies: number;
  readonly silent: number;
  readonly versions: number;
}

export interface History {
  readonly path: Buffer;
  /** undefined: it has not come yet. */
  readonly rows: readonly LogRow[] | undefined;
  /** Key of the row that the selected one is compared with. */
  readonly base: string | undefined;
}

export type FilesMessage =
  | Move
  | { readonly type: 'pick'; readonly index: number }
  | { readonly type: 'open'; readonly directory: Buffer; readonly select?: string | undefined }
  | { readonly type: 'up' }
  | { readonly type: 'travel'; readonly at: PastMoment | undefined }
  | { readonly type: 'listed'; readonly key: string; readonly listing: Listing }
  | { readonly type: 'sort' }
  | { readonly type: 'mark'; readonly paths: readonly string[]; readonly on: boolean }
  | { readonly type: 'mark-only'; readonly paths: readonly string[] }
  | { readonly type: 'side'; readonly side: Side }
  | { readonly type: 'facts'; readonly facts: ReadonlyMap<string, FileFacts> }
  | { readonly type: 'mode'; readonly mode: FilesMode }
  | {
      readonly type: 'history';
      readonly path: Buffer;
      readonly rows?: readonly LogRow[] | undefined;
    }
  | { readonly type: 'base'; readonly key: string | undefined }
  | { readonly type: 'trash'; readonly rows: readonly TrashRow[] }
  | { readonly type: 'conflicts'; readonly rows: readonly Conflict[] }
  | { readonly type: 'snapshots'; readonly rows: readonly SnapshotRow[] }
  | { readonly type: 'list-failed'; readonly mode: ReadMode; readonly error: Failure };

export const initialFiles: FilesSlice = {
  mode: 'browse',
  directory: Buffer.alloc(0),
  at: undefined,
  listing: undefined,
  sorted: [],
  sort: 'name',
  filter: '',
  keptFilter: '',
  cursor: atStart,
  trail: [],
  marks: new Set(),
  side: undefined,
  sideTop: 0,
  facts: new Map(),
  history: undefined,
  trash: undefined,
  conflicts: undefined,
  snapshots: undefined,
  failures: {},
  listCursor: atStart,
};
