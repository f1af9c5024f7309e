/** A few things out of a tree, each where it stands in it: directories are there for what is below them. */
import type { Hidden, HiddenDirectory, HiddenEntry } from '../../../fuse/operations/port.ts';
import type { VaultPath } from '../../vault/path.ts';
import { directory } from './hidden.ts';

export interface Placed {
  readonly path: VaultPath;
  readonly node: Hidden;
}

/** @param all everything there is, asked for at each look */
export function sparseDirectory(
  key: string,
  all: (signal: AbortSignal | undefined) => Promise<readonly Placed[]>,
): HiddenDirectory {
  return directory({
    key,
    children: async (signal) => {
      const rows = new Map<string, HiddenEntry>();
      for (const { path, node } of await all(signal)) {
        const [name, ...rest] = path;
        if (name === undefined) continue;
        const text = name.toString('latin1');
        // Something that is there by itself shows what is below it better than what only leads to others.
        if (rest.length === 0) rows.set(text, { name, node });
        else if (!rows.has(text)) rows.set(text, { name, node: below(key, name, all) });
      }
      return [...rows.values()];
    },
  });
}

function below(
  key: string,
  name: Buffer,
  all: (signal: AbortSignal | undefined) => Promise<readonly Placed[]>,
): HiddenDirectory {
  return sparseDirectory(`${key}/${name.toString('latin1')}`, async (signal) =>
    (await all(signal))
      .filter(({ path }) => path.length > 1 && path[0]?.equals(name) === true)
      .map(({ path, node }) => ({ path: path.slice(1), node })),
  );
}
