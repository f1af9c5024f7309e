/**
 * Notes between devices: saying one, and those that this device may read. Where they stand is known by
 * the tree (`namespace/notes.ts`), what they say is read from the journals; so a note goes wherever the
 * changes of its author go, also through devices that can read neither.
 */
import { VaultError } from '../../protocol/errors.ts';
import { splitJournalId, type DeviceId } from '../../protocol/ids.ts';
import { notes as limits } from '../../protocol/limits.ts';
import type { NoteRow, NotesRequest, SayRequest } from '../../protocol/messages/control-notes.ts';
import type { NoteOp } from '../../protocol/messages/op.ts';
import type { History } from '../history/history.types.ts';
import type { OpenedBatch } from '../journal/batch.ts';
import { checkOp } from '../journal/check-op.ts';
import type { DeviceIdentity } from '../members/identity.ts';
import { capabilities, type Member } from '../members/membership.ts';
import { openNote, sealNote } from '../members/note-seal.ts';
import type { NoteRef } from '../namespace/notes.ts';
import type { Tree } from '../namespace/tree.types.ts';
import type { Random } from '../ports.ts';
import { find } from './browse.ts';
import { findDevice } from './find-device.ts';
import type { MembersService } from './members-service.ts';
import { joinPath, parsePath, type VaultPath } from './path.ts';
import type { Publisher } from './publisher.ts';

export interface NoteParts {
  readonly identity: DeviceIdentity;
  readonly members: Pick<MembersService, 'current' | 'nameOf'>;
  readonly tree: Tree;
  readonly history: Pick<History, 'change'>;
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly random: Random;
  /** One of another device came, that this one may read. */
  readonly onNote: (note: NoteRef & { readonly author: DeviceId }) => void;
}

type Follower = (ref: NoteRef, op: NoteOp) => void;

/** Ids of notes that came lately: what is applied once more is no news. */
const toldMax = 1000;

export class NoteBoard {
  readonly #parts: NoteParts;
  readonly #followers = new Set<Follower>();
  readonly #told = new Set<string>();

  constructor(parts: NoteParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when it is durable; it is on its way then.
   * @throws VaultError `usage`, `too-large`, `not-found`, `conflict`, `denied`, `read-only`, `no-key`
   */
  async say(request: SayRequest): Promise<NoteRow> {
    const { publisher, tree, random } = this.#parts;
    checkText(request.text);
    const id = random.bytes(16).toString('hex');
    const path = request.path === undefined ? undefined : parsePath(request.path);
    if (path !== undefined && request.device !== undefined) throw toBoth();
    const recipient = request.device === undefined ? undefined : this.#recipient(request.device);
    let op: NoteOp | undefined;
    const [said] = await publisher.publish({
      keys: path === undefined ? [] : [joinPath(path).toString('latin1')],
      build: (now) => {
        op = this.#make(now, { id, text: request.text, path, recipient });
        return { ops: [op] };
      },
    });
    const ref = tree.notes().find((each) => each.id === id && each.op.journal === said?.journal);
    const row = op && ref && this.#row(ref, op);
    // Only when the journal was found to be forked right now: it will be said again.
    if (row === undefined)
      throw new VaultError('conflict', { op: 'vault.say', subject: 'the note' });
    return row;
  }

  /** Those that this device may read, the oldest first. @throws VaultError `not-found` */
  async *rows({ path }: Pick<NotesRequest, 'path'>): AsyncGenerator<NoteRow> {
    const { tree, history } = this.#parts;
    const below = this.#below(path);
    for (const ref of tree.notes()) {
      if (!this.#isFor(ref) || !this.#isBelow(ref, below)) continue;
      const body = (await history.change(ref.op))?.body;
      const row = body?.type === 'note' ? this.#row(ref, body) : undefined;
      if (row !== undefined) yield row;
    }
  }

  /** Hears of every new one, of this device too, until the returned function is called. */
  follow({ path }: Pick<NotesRequest, 'path'>, onRow: (row: NoteRow) => void): () => void {
    const below = this.#below(path);
    const follower: Follower = (ref, op) => {
      const row = this.#isBelow(ref, below) ? this.#row(ref, op) : undefined;
      if (row !== undefined) onRow(row);
    };
    this.#followers.add(follower);
    return () => {
      this.#followers.delete(follower);
    };
  }

  /** Batches that came into the tree. */
  observe(batches: readonly OpenedBatch[]): void {
    for (const batch of batches) {
      for (const [index, op] of batch.body.ops.entries()) {
        if (op.type === 'note' && checkOp(op) === undefined) this.#tell(batch, index, op);
      }
    }
  }

  #tell({ header, author, body }: OpenedBatch, index: number, op: NoteOp): void {
    const name = `${author} ${op.id}`;
    const { journal, sequence } = header;
    const { wallMs, counter } = body.stamp;
    const ref = {
      ...{ id: op.id, about: op.about, to: op.to, author },
      op: { journal, sequence, index },
      stamp: { wallMs, counter: counter + index },
    };
    if (this.#told.has(name) || !this.#isFor(ref)) return;
    this.#told.add(name);
    for (const oldest of this.#told) {
      if (this.#told.size <= toldMax) break;
      this.#told.delete(oldest);
    }
    if (author !== this.#parts.identity.device) this.#parts.onNote(ref);
    for (const follower of this.#followers) follower(ref, op);
  }

  #make(
    tree: Tree,
    note: {
      readonly id: string;
      readonly text: string;
      readonly path: VaultPath | undefined;
      readonly recipient: Member | undefined;
    },
  ): NoteOp {
    const { identity, members, random } = this.#parts;
    const { id, text, path, recipient } = note;
    if (recipient === undefined) {
      const about = path === undefined ? undefined : find(tree, path).node.id;
      return { type: 'note', id, about, text, sealed: [] };
    }
    const self = { device: identity.device, noiseKey: identity.noisePublicKey };
    const readers = recipient.device === self.device ? [self] : [recipient, self];
    const binding = { vault: members.current().vault, author: identity.device, id };
    const sealed = sealNote(random, text, { ...binding, readers });
    return { type: 'note', id, to: recipient.device, sealed };
  }

  #recipient(text: string): Member {
    const { members } = this.#parts;
    const device = findDevice(members, text);
    const member = members.current().members.get(device);
    const name = members.nameOf(device);
    if (member?.active !== true) throw unable(name, 'it was sent away');
    if ((member.capabilities & capabilities.receive) === 0)
      throw unable(name, 'it is blind: it can read nothing');
    return member;
  }

  #row(ref: NoteRef, op: NoteOp): NoteRow | undefined {
    const { tree, members } = this.#parts;
    const author = splitJournalId(ref.op.journal).device;
    const text = op.to === undefined ? op.text : this.#open(author, op);
    if (text === undefined) return undefined;
    const path = ref.about === undefined ? undefined : tree.pathOf(ref.about);
    return {
      id: ref.id,
      timeMs: ref.stamp.wallMs,
      deviceId: author,
      author: members.nameOf(author),
      to: ref.to === undefined ? undefined : { deviceId: ref.to, name: members.nameOf(ref.to) },
      pinned: ref.about !== undefined,
      path: path === undefined ? undefined : joinPath(path),
      text,
    };
  }

  #open(author: DeviceId, op: NoteOp): string | undefined {
    const { identity, members } = this.#parts;
    const { device, secrets } = identity;
    const reader = { device, noiseSecretKey: secrets.noiseSecretKey.reveal() };
    return openNote(reader, op, { vault: members.current().vault, author, id: op.id });
  }

  #isFor({ to, op }: NoteRef): boolean {
    const { device } = this.#parts.identity;
    return to === undefined || to === device || splitJournalId(op.journal).device === device;
  }

  #below(path: Buffer | undefined): VaultPath | undefined {
    const below = path === undefined ? undefined : parsePath(path);
    if (below !== undefined) find(this.#parts.tree, below);
    return below;
  }

  #isBelow({ about }: NoteRef, below: VaultPath | undefined): boolean {
    if (below === undefined) return true;
    const path = about === undefined ? undefined : this.#parts.tree.pathOf(about);
    return path !== undefined && below.every((name, at) => path[at]?.equals(name) === true);
  }
}

function checkText(text: string): void {
  const op = 'vault.say';
  if (text.trim() === '') throw new VaultError('usage', { op, detail: 'the note is empty' });
  const length = Buffer.byteLength(text);
  if (length <= limits.textBytesMax) return;
  throw new VaultError('too-large', {
    op,
    subject: 'the note',
    detail: `${String(length)} bytes, at most ${String(limits.textBytesMax)}`,
    next: 'put it into a file, and say where it is',
  });
}

function unable(name: string, detail: string): VaultError {
  const next = 'vault members shows who reads';
  return new VaultError('denied', { op: 'vault.say', subject: name, detail, next });
}

function toBoth(): VaultError {
  return new VaultError('usage', {
    op: 'vault.say',
    detail: 'what is pinned to a path is for all readers',
    next: 'leave out the device, or the path',
  });
}
