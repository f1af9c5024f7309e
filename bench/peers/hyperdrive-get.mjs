// Copies the large file out of a Hyperdrive into a file and prints the seconds it took.
// node hyperdrive-get.mjs STORE TARGET
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import Corestore from 'corestore';
import Hyperdrive from 'hyperdrive';

const [directory, target] = process.argv.slice(2);
const drive = new Hyperdrive(new Corestore(directory));
await drive.ready();
const startMs = performance.now();
await pipeline(drive.createReadStream('/large'), createWriteStream(target));
const seconds = (performance.now() - startMs) / 1000;
await drive.close();
process.stdout.write(`${JSON.stringify({ seconds })}\n`);
