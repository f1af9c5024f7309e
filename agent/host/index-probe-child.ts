/**
 * The child of `index-probe.ts`: opens the LevelDB in the directory that is its argument, reads every
 * pair, closes it. Its exit status is the answer.
 */
import { Level } from 'level';
import { lockedStatus } from './index-probe.ts';

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  process.stderr.write('usage: index-probe-child DIRECTORY\n');
  process.exit(2);
}

try {
  await walk(directory);
} catch (error) {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exit((cause as { code?: unknown }).code === 'LEVEL_LOCKED' ? lockedStatus : 1);
}

async function walk(location: string): Promise<void> {
  const database = new Level<Buffer, Buffer>(location, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    compression: false,
    createIfMissing: true,
  });
  await database.open();
  const iterator = database.iterator();
  for (;;) {
    const pairs = await iterator.nextv(10_000);
    if (pairs.length === 0) break;
  }
  await iterator.close();
  await database.close();
}
