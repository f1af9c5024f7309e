/**
 * Open files, at most so many: the least recently used one is closed when nobody uses it. Readers and
 * writers of one path have a handle each.
 */
import type { Disk, DiskFile } from '../ports.ts';

const openModes = ['read', 'write', 'bulk'] as const;
type OpenMode = (typeof openModes)[number];

export interface FileCache {
  /** Runs `action` with the file open; it stays open for the next one. `bulk`: for reading much. */
  use<T>(path: string, mode: OpenMode, action: (file: DiskFile) => Promise<T>): Promise<T>;
  /** Runs `action`, which does not wait, when the file is open; else gives undefined and opens nothing. */
  useNow<T>(path: string, mode: OpenMode, action: (file: DiskFile) => T): T | undefined;
  /** Closes the handles of a file as soon as nobody uses them. */
  drop(path: string): Promise<void>;
  /** Runs `action` while nobody uses the file: those who do are waited for, others wait. */
  alone<T>(path: string, action: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface Entry {
  readonly opening: Promise<DiskFile>;
  /** When it is open. */
  file: DiskFile | undefined;
  users: number;
  doomed: boolean;
}

/** A cache over `disk` that keeps `filesMax` files open. */
export function createFileCache(disk: Disk, filesMax: number): FileCache {
  const entries = new Map<string, Entry>();
  const closing = new Set<Promise<void>>();
  const gates = new Map<string, Promise<void>>();
  /** Users of a path that somebody wants for himself. */
  const users = new Map<string, number>();
  const leaving = new Map<string, () => void>();
  const enter = (path: string): void => void users.set(path, (users.get(path) ?? 0) + 1);
  const leave = (path: string): void => {
    const left = (users.get(path) ?? 1) - 1;
    if (left > 0) users.set(path, left);
    else {
      users.delete(path);
      leaving.get(path)?.();
    }
  };

  const retire = (entry: Entry): void => {
    const done = entry.opening.then(
      (file) => file.close(),
      () => undefined,
    );
    // A handle that fails to close is gone all the same; its data was synced or is accounted for.
    const settled: Promise<void> = done
      .catch(() => undefined)
      .finally(() => closing.delete(settled));
    closing.add(settled);
  };
  const forget = (key: string, entry: Entry): void => {
    if (entries.get(key) === entry) entries.delete(key);
    entry.doomed = true;
    if (entry.users === 0) retire(entry);
  };
  const shrink = (): void => {
    for (const [key, entry] of entries) {
      if (entries.size <= filesMax) return;
      if (entry.users === 0) forget(key, entry);
    }
  };
  const entryOf = (key: string, open: () => Promise<DiskFile>): Entry => {
    const known = entries.get(key);
    if (known === undefined) {
      const fresh: Entry = { opening: open(), file: undefined, users: 0, doomed: false };
      entries.set(key, fresh);
      return fresh;
    }
    entries.delete(key);
    entries.set(key, known);
    return known;
  };

  return {
    async use(path, mode, action) {
      while (gates.has(path)) await gates.get(path);
      enter(path);
      const key = `${mode} ${path}`;
      const entry = entryOf(key, () =>
        mode === 'bulk' ? disk.open(path, 'read', { bulk: true }) : disk.open(path, mode),
      );
      entry.users += 1;
      try {
        return await action(await openedBy(entry, () => entries.delete(key)));
      } finally {
        entry.users -= 1;
        if (entry.doomed && entry.users === 0) retire(entry);
        shrink();
        leave(path);
      }
    },
    async alone(path, action) {
      while (gates.has(path)) await gates.get(path);
      const { promise, resolve } = Promise.withResolvers<undefined>();
      gates.set(path, promise);
      try {
        if (users.has(path)) await new Promise<void>((left) => leaving.set(path, left));
        await this.drop(path);
        return await action();
      } finally {
        leaving.delete(path);
        gates.delete(path);
        resolve(undefined);
      }
    },
    useNow(path, mode, action) {
      const key = `${mode} ${path}`;
      const entry = entries.get(key);
      if (entry?.file === undefined) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return action(entry.file);
    },
    async drop(path) {
      for (const mode of openModes) {
        const key = `${mode} ${path}`;
        const entry = entries.get(key);
        if (entry !== undefined) forget(key, entry);
      }
      await Promise.all(closing);
    },
    async close() {
      for (const [key, entry] of [...entries]) forget(key, entry);
      await Promise.all(closing);
    },
  };
}

async function openedBy(entry: Entry, forget: () => void): Promise<DiskFile> {
  try {
    return (entry.file = await entry.opening);
  } catch (error) {
    // The next user tries anew.
    forget();
    throw error;
  }
}
