/** The calls that look at the past of a path and bring it back. */
import {
  logRequest,
  logRow,
  restoreRequest,
  trashRow,
} from '../../protocol/messages/control-history.ts';
import { changed, pathRequest } from '../../protocol/messages/control.ts';
import { VaultError } from '../../protocol/errors.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import { logOf } from '../vault/path-log.ts';
import { formatPath, parsePath } from '../vault/path.ts';
import { restore } from '../vault/restore.ts';
import { trashBelow } from '../vault/trash.ts';
import { undelete } from '../vault/undelete.ts';
import type { Call, ControlContext } from './context.ts';

export async function handleLog({ vault }: ControlContext, call: Call): Promise<void> {
  const { path, newest = Infinity } = logRequest.fromWire(call.request);
  let rows = 0;
  for await (const row of logOf(vault.parts, parsePath(path))) {
    await call.stream.sendMessage(logRow.toWire(row));
    rows += 1;
    if (rows >= newest) return;
  }
}

export async function handleRestore({ vault }: ControlContext, call: Call): Promise<void> {
  const { version, ...request } = restoreRequest.fromWire(call.request);
  const { path, destination } = pathsOf(request);
  if (version === undefined) {
    throw new VaultError('usage', {
      op: 'control.restore',
      subject: formatPath(path),
      detail: 'no version is named',
      next: `vault log ${shellWord(formatPath(path))} lists the versions`,
    });
  }
  const result = await restore(vault.parts, { path, version, destination });
  await call.stream.sendMessage(changed.toWire(result));
}

export async function handleUndelete({ vault }: ControlContext, call: Call): Promise<void> {
  const { version, ...request } = restoreRequest.fromWire(call.request);
  const result = await undelete(vault.parts, { ...pathsOf(request), version });
  await call.stream.sendMessage(changed.toWire(result));
}

export async function handleTrash({ vault }: ControlContext, call: Call): Promise<void> {
  const { path } = pathRequest.fromWire(call.request);
  for await (const row of trashBelow(vault.parts, parsePath(path))) {
    await call.stream.sendMessage(trashRow.toWire(row));
  }
}

function pathsOf(request: { readonly path: Buffer; readonly destination?: Buffer | undefined }) {
  const { path, destination } = request;
  return {
    path: parsePath(path),
    destination: destination === undefined ? undefined : parsePath(destination),
  };
}
