/** Stores one content in the place of all versions of a conflict, as a put of one file. */
import { statSync } from 'node:fs';
import { VaultError } from '../../protocol/errors.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import type { Conflict } from '../../protocol/messages/control-conflict.ts';
import type { PutResult } from '../../protocol/messages/control-put.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import { localError } from '../local/local-error.ts';
import type { Progress } from '../output/progress.ts';
import { createBodyReader } from '../put/body.ts';
import type { BodyReader } from '../put/body.ts';
import { sourceItem, timeOf } from '../put/source-item.ts';
import type { SourceItem } from '../put/source-item.ts';
import { upload } from '../put/upload.ts';

const op = 'cli.resolve';

export interface StoreOptions {
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** A local file, or standard input for `-`. The mode stays that of the file in the vault. */
export function storeFile(
  client: ControlClient,
  conflict: Conflict,
  source: { readonly typed: string } & StoreOptions,
): Promise<PutResult> {
  const { typed, signal, progress } = source;
  const bodies = createBodyReader(signal);
  return store(client, conflict, { item: itemOf(typed), bodies, progress });
}

export function storeBytes(
  client: ControlClient,
  conflict: Conflict,
  { bytes, progress }: { readonly bytes: Buffer; readonly progress: Progress },
): Promise<PutResult> {
  const item = { ...standardInputItem(), size: bytes.length };
  const bodies: BodyReader = {
    async send(_item, send) {
      if (bytes.length > 0) await send(bytes);
    },
  };
  return store(client, conflict, { item, bodies, progress });
}

async function store(
  client: ControlClient,
  conflict: Conflict,
  source: { readonly item: SourceItem; readonly bodies: BodyReader; readonly progress: Progress },
): Promise<PutResult> {
  const { path, versions, versionsOmitted } = conflict;
  if (versionsOmitted > 0) {
    throw new VaultError('conflict', {
      op,
      subject: path.toString(),
      detail: `${String(versions.length + versionsOmitted)} versions are too many for one content`,
      next: `choose one first: vault resolve ${shellWord(path.toString())} --keep VERSION`,
    });
  }
  const { mode } = await client.stat({ path });
  const session = client.put({
    destination: path,
    parents: false,
    into: false,
    checksum: true,
    resolves: versions.flatMap(({ version }) => version ?? []),
  });
  let failure: VaultError | undefined;
  const result = await upload(session, [{ ...source.item, mode }].values(), {
    ...source,
    onFailed: (error) => {
      failure ??= error;
    },
  });
  if (failure !== undefined) throw failure;
  return result;
}

function itemOf(typed: string): SourceItem {
  if (typed === '-') return standardInputItem();
  try {
    const stats = statSync(typed, { bigint: true });
    if (stats.isFile()) {
      return sourceItem(stats, 'file', { path: Buffer.alloc(0), file: Buffer.from(typed) });
    }
  } catch (error) {
    throw localError(op, typed, error);
  }
  throw new VaultError('not-supported', {
    op,
    subject: typed,
    detail: 'it is no file',
    next: 'name a file, or - for standard input',
  });
}

function standardInputItem(): SourceItem {
  return {
    path: Buffer.alloc(0),
    file: undefined,
    kind: 'file',
    size: undefined,
    mode: 0,
    mtime: timeOf(BigInt(Date.now()) * 1_000_000n),
  };
}
