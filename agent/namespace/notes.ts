/**
 * Notes: where each stands, for whom it is and what it is pinned to; the text stays in the journal. Of
 * each device the latest count. An author that says a note again (`vault/reissuer.ts`) means the same
 * one: the latest saying stands, so that which ones are kept does not depend on the order of arrival.
 */
import { splitJournalId, type DeviceId, type NodeId } from '../../protocol/ids.ts';
import { notes as limits } from '../../protocol/limits.ts';
import type { NoteOp, OpId, Stamp } from '../../protocol/messages/op.ts';
import { compareOps } from './records.ts';

export interface NoteRef {
  /** 32 hex digits; of its author only one counts. */
  readonly id: string;
  readonly about: NodeId | undefined;
  readonly to: DeviceId | undefined;
  readonly op: OpId;
  readonly stamp: Stamp;
}

export class NoteRegister {
  readonly #byAuthor = new Map<DeviceId, Map<string, NoteRef>>();
  readonly #keptMax: number;

  /** @param keptMax of each device */
  constructor(keptMax: number = limits.keptPerDeviceMax) {
    this.#keptMax = keptMax;
  }

  take({ id, about, to }: NoteOp, op: OpId, stamp: Stamp): void {
    this.#add({ id, about, to, op, stamp });
  }

  /** The oldest first. */
  list(): readonly NoteRef[] {
    return [...this.#byAuthor.values()].flatMap((notes) => [...notes.values()]).sort(compareNotes);
  }

  /** Puts back what `list` said. */
  restore(notes: readonly NoteRef[]): void {
    for (const note of notes) this.#add(note);
  }

  #add(note: NoteRef): void {
    const author = splitJournalId(note.op.journal).device;
    const notes = this.#byAuthor.get(author) ?? new Map<string, NoteRef>();
    this.#byAuthor.set(author, notes);
    const known = notes.get(note.id);
    if (known !== undefined && compareNotes(known, note) > 0) return;
    notes.set(note.id, note);
    if (notes.size > this.#keptMax) notes.delete(oldestOf(notes.values()).id);
  }
}

function oldestOf(notes: Iterable<NoteRef>): NoteRef {
  return [...notes].reduce((oldest, note) => (compareNotes(note, oldest) < 0 ? note : oldest));
}

function compareNotes(a: NoteRef, b: NoteRef): number {
  return (
    a.stamp.wallMs - b.stamp.wallMs || a.stamp.counter - b.stamp.counter || compareOps(a.op, b.op)
  );
}
