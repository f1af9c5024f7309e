/**
 * What the clients know, kept outside the system: every write with its fate, and which other
 * operations may have put an end to it. A write that was acknowledged must be there in the end unless
 * an operation that could see it replaced or removed it.
 */
import type { Entry } from '../../../protocol/messages/control-entry.ts';

export type Fate = 'pending' | 'acked' | 'unknown';

/** One file that somebody stored. */
export interface Write {
  readonly id: number;
  readonly device: string;
  readonly size: number;
  readonly issuedMs: number;
  /** Where it was stored, and where it was seen since. */
  readonly paths: Set<string>;
  fate: Fate;
  version: string | undefined;
  /** An operation that saw it may have replaced or removed it. */
  mayBeGone: string | undefined;
  /** An operation that saw it, and was acknowledged, replaced or removed it. */
  mustBeGone: string | undefined;
}

/** A file as somebody's listing shows it. */
export interface Row {
  readonly path: string;
  readonly version: string;
}

export class Ledger {
  readonly writes: Write[] = [];
  readonly #byVersion = new Map<string, Write>();

  begin(device: string, place: { path: string; size: number; nowMs: number }): Write {
    const write: Write = {
      id: this.writes.length + 1,
      device,
      size: place.size,
      issuedMs: place.nowMs,
      paths: new Set([place.path]),
      fate: 'pending',
      version: undefined,
      mayBeGone: undefined,
      mustBeGone: undefined,
    };
    this.writes.push(write);
    return write;
  }

  acked(write: Write, version: string | undefined): void {
    write.fate = 'acked';
    write.version = version;
    if (version !== undefined) this.#byVersion.set(version, write);
  }

  of(version: string): Write | undefined {
    return this.#byVersion.get(version);
  }

  byId(id: number): Write | undefined {
    return this.writes[id - 1];
  }

  /** Remembers where writes were seen. */
  saw(rows: readonly Row[]): void {
    for (const { path, version } of rows) this.of(version)?.paths.add(path);
  }
}

export function rowsOf(entries: readonly Entry[]): readonly Row[] {
  return entries.flatMap(({ path, version, kind }) =>
    kind === 'file' && version !== undefined ? [{ path: path.toString('latin1'), version }] : [],
  );
}

/** Whether `path` is `top` or below it. */
export function isAtOrBelow(path: string, top: string): boolean {
  return path === top || path.startsWith(`${top}/`);
}
