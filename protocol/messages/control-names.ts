/**
 * Pages of a list of names only: all paths in one field and all kinds in another, so that a page costs what one
 * entry does. An agent that does not know the request answers with entries, and those have names too.
 */
import { VaultError } from '../errors.ts';
import { control as limits, rpc } from '../limits.ts';
import { peervault } from '../proto/control.js';
import { bufferFromWire, codec } from './codec.ts';
import type { Codec } from './codec.ts';
import { entriesFromWire, kindFromWire, kindToWire, listPageShape } from './control-entry.ts';
import type { Entry } from './control-entry.ts';
import type { NodeKind } from './op.ts';

export interface ListedNames {
  /** Relative to the requested one, each with a zero byte behind it, which no name has. */
  readonly paths: Buffer;
  /** One a path. */
  readonly kinds: readonly NodeKind[];
}

const generated = peervault.control;

/** Paths and kinds of one page: what stands before these fields is left out. */
const pathsBytesMax = rpc.messageBytesMax - 16;
const slash = 0x2f;

export const namesPage: Codec<ListedNames> = codec(
  'control.namesPage',
  {
    ...listPageShape,
    2: {
      nested: {
        1: { bytesMax: rpc.messageBytesMax },
        2: { bytesMax: limits.listPageNamesMax },
      },
    },
  },
  generated.ListPage,
  {
    toWire: ({ paths, kinds }) => ({ names: { paths, kinds: Buffer.from(kinds.map(kindToWire)) } }),
    fromWire(message, op) {
      if (!message.names) return namesOfEntries(entriesFromWire(message.entries, op));
      const paths = bufferFromWire(message.names.paths ?? nothing);
      const kinds = Array.from(message.names.kinds ?? nothing, (kind) => kindFromWire(kind, op));
      if (countOfNames(paths) !== kinds.length) {
        throw new VaultError('malformed', { op, detail: 'not as many paths as kinds' });
      }
      return { paths, kinds };
    },
  },
);

const nothing = Buffer.alloc(0);
const end = Buffer.alloc(1);

function namesOfEntries(entries: readonly Entry[]): ListedNames {
  return {
    paths: Buffer.concat(entries.flatMap(({ path }) => [path, end])),
    kinds: entries.map(({ kind }) => kind),
  };
}

/** -1: the last one has no end. Split, since a walk over the bytes takes ten times as long before it is compiled. */
function countOfNames(paths: Buffer): number {
  const parts = paths.toString('latin1').split('\0');
  return parts.at(-1) === '' ? parts.length - 1 : -1;
}

/** Each path as text, where it is UTF-8. */
export function textsOfNames({ paths }: ListedNames): readonly string[] {
  return paths.toString('utf8').split('\0').slice(0, -1);
}

/** Gathers names until a message is full. */
export class NamesWriter {
  #paths = Buffer.allocUnsafe(pathsBytesMax);
  #at = 0;
  #kinds: NodeKind[] = [];

  /** @returns false: there is no room left, take them first. The first one always has. */
  add(path: readonly Uint8Array[], kind: NodeKind): boolean {
    const bytes = path.reduce((sum, name) => sum + name.length + 1, 0);
    if (this.#kinds.length === limits.listPageNamesMax) return false;
    if (this.#at + bytes + this.#kinds.length > this.#paths.length) {
      if (this.#kinds.length > 0) return false;
      this.#paths = Buffer.allocUnsafe(bytes);
    }
    for (const name of path) {
      this.#paths.set(name, this.#at);
      this.#at += name.length + 1;
      this.#paths[this.#at - 1] = slash;
    }
    // The requested one itself has no name here.
    this.#paths[path.length === 0 ? this.#at++ : this.#at - 1] = 0;
    this.#kinds.push(kind);
    return true;
  }

  take(): ListedNames {
    const taken = { paths: this.#paths.subarray(0, this.#at), kinds: this.#kinds };
    this.#paths = Buffer.allocUnsafe(pathsBytesMax);
    this.#at = 0;
    this.#kinds = [];
    return taken;
  }
}
