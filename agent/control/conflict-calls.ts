/** The calls that list conflicts and settle them. */
import { conflict, resolveRequest } from '../../protocol/messages/control-conflict.ts';
import { changed, pathRequest } from '../../protocol/messages/control.ts';
import { find } from '../vault/browse.ts';
import { clashAt, conflictsBelow } from '../vault/conflicts.ts';
import { parsePath } from '../vault/path.ts';
import { resolve } from '../vault/resolve.ts';
import type { Call, ControlContext } from './context.ts';

export async function handleConflicts(context: ControlContext, call: Call): Promise<void> {
  const { vault, facts, conflicts } = context;
  const path = parsePath(pathRequest.fromWire(call.request).path);
  // A name of somebody who typed it wrong is no name without conflicts.
  if (clashAt(vault.tree, path) === undefined) find(vault.tree, path);
  const parts = { ...vault.parts, device: facts.device, conflicts };
  for await (const each of conflictsBelow(parts, path)) {
    await call.stream.sendMessage(conflict.toWire(each));
  }
}

export async function handleResolve({ vault, facts }: ControlContext, call: Call): Promise<void> {
  const request = resolveRequest.fromWire(call.request);
  const parts = { ...vault.parts, device: facts.device };
  const result = await resolve(parts, parsePath(request.path), request.keep);
  await call.stream.sendMessage(changed.toWire(result));
}
