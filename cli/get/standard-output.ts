/** Standard output for content: a file gets large writes, a pipe what it takes. */
import { fstatSync } from 'node:fs';
import { localError } from '../local/local-error.ts';
import { openGather } from './file-writer.ts';

export interface ByteSink {
  write(bytes: Buffer): Promise<void>;
  /** Everything is written when this resolves. */
  flush(): Promise<void>;
}

const descriptor = 1;

export function openStandardOutput(): ByteSink {
  if (!fstatSync(descriptor).isFile()) {
    return { write: writeToStream, flush: () => Promise.resolve() };
  }
  const gather = openGather(descriptor);
  return {
    write: (bytes) => attempt(() => gather.write(bytes)),
    flush: () => attempt(() => gather.flush()),
  };
}

async function attempt(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw localError('cli.cat', 'standard output', error);
  }
}

function writeToStream(bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}
