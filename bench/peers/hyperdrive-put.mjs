// Stores a file or a folder in a new Hyperdrive and prints the seconds it took. Nothing is synced to
// the medium: Hyperdrive has no such promise.
// node hyperdrive-put.mjs STORE SOURCE [--put]
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import Corestore from 'corestore';
import Hyperdrive from 'hyperdrive';

const [directory, source] = process.argv.slice(2);
const drive = new Hyperdrive(new Corestore(directory));
await drive.ready();
const isFolder = (await stat(source)).isDirectory();
const startMs = performance.now();
if (isFolder) await putFolder();
else await pipeline(createReadStream(source), drive.createWriteStream('/large'));
const seconds = (performance.now() - startMs) / 1000;
await drive.close();
process.stdout.write(`${JSON.stringify({ seconds })}\n`);

async function putFolder() {
  const names = await readdir(source, { recursive: true, withFileTypes: true });
  const batch = drive.batch();
  for (const name of names) {
    if (!name.isFile()) continue;
    const path = join(name.parentPath, name.name);
    await batch.put(path.slice(source.length), await readFile(path));
  }
  await batch.flush();
}
