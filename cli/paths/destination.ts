/**
 * Where things go, by the rules of cp: into an existing directory, else the new name. The vault's
 * side is asked, never guessed.
 */
import { VaultError, isVaultError } from '../../protocol/errors.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import type { NodeKind } from '../../protocol/messages/op.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import { joinPath } from '../output/entry-row.ts';
import type { VaultPath } from './vault-path.ts';

export interface Destination {
  readonly path: Buffer;
  /** Whether sources go into it under their own names. */
  readonly into: boolean;
}

export interface DestinationRules {
  /** For errors, e.g. `cli.put`. */
  readonly op: string;
  readonly sources: number;
  /** Missing directories will be made. */
  readonly parents: boolean;
}

/**
 * @param kind of what is there; undefined: nothing
 * @throws VaultError `not-directory`, `not-found`
 */
export function chooseDestination(
  typed: VaultPath,
  kind: NodeKind | undefined,
  rules: DestinationRules,
): Destination {
  const mustBeDirectory = typed.asDirectory || rules.sources > 1;
  if (kind === 'directory') return { path: typed.bytes, into: true };
  if (kind !== undefined && mustBeDirectory) {
    throw new VaultError('not-directory', {
      op: rules.op,
      subject: typed.typed,
      detail: rules.sources > 1 ? 'several sources need a directory' : undefined,
      next: 'name a directory, or leave the slash at the end out',
    });
  }
  if (mustBeDirectory && !rules.parents) {
    throw new VaultError('not-found', {
      op: rules.op,
      subject: typed.typed,
      detail: 'it has to be a directory',
      next: `make it first: vault mkdir -p ${shellWord(typed.typed)}`,
    });
  }
  return { path: typed.bytes, into: mustBeDirectory };
}

/** Asks the vault what is at the destination. */
export async function findDestination(
  client: ControlClient,
  typed: VaultPath,
  rules: DestinationRules,
): Promise<Destination> {
  return chooseDestination(typed, await kindAt(client, typed.bytes), rules);
}

/** What is at a path of the vault; undefined: nothing. */
export async function kindAt(client: ControlClient, path: Buffer): Promise<NodeKind | undefined> {
  if (path.length === 0) return 'directory';
  try {
    return (await client.stat({ path })).kind;
  } catch (error) {
    if (isVaultError(error, 'not-found', 'not-directory')) return undefined;
    throw error;
  }
}

/** The exact path of one source. An empty name stands for the destination itself. */
export function pathIn(destination: Destination, name: Buffer): Buffer {
  return destination.into ? joinPath(destination.path, name) : destination.path;
}
