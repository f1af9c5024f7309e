// Copies a whole Hyperdrive from loopback into a new store and prints the seconds it took.
// node hyperdrive-fetch.mjs STORE PORT KEY
import { connect } from 'node:net';
import { pipeline } from 'node:stream';
import Corestore from 'corestore';
import Hyperdrive from 'hyperdrive';

const [directory, port, key] = process.argv.slice(2);
const store = new Corestore(directory);
const drive = new Hyperdrive(store, Buffer.from(key, 'hex'));
await drive.ready();
const startMs = performance.now();
const socket = connect(Number(port), '127.0.0.1');
pipeline(socket, store.replicate(true), socket, () => undefined);
const found = drive.core.findingPeers();
socket.once('connect', () => setTimeout(found, 100));
await drive.core.update({ wait: true });
await drive.download('/').done();
const seconds = (performance.now() - startMs) / 1000;
let files = 0;
let bytes = 0;
for await (const entry of drive.list('/')) {
  if (!(await drive.has(entry.key))) throw new Error(`${entry.key} did not come`);
  files += 1;
  bytes += entry.value.blob.byteLength;
}
process.stdout.write(`${JSON.stringify({ seconds, files, bytes })}\n`);
process.exit(0);
