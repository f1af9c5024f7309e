// Offers a Hyperdrive to whoever connects on loopback, until SIGTERM. Says its port and key.
// node hyperdrive-serve.mjs STORE
import { createServer } from 'node:net';
import { pipeline } from 'node:stream';
import Corestore from 'corestore';
import Hyperdrive from 'hyperdrive';

const [directory] = process.argv.slice(2);
const store = new Corestore(directory);
const drive = new Hyperdrive(store);
await drive.ready();
await drive.getBlobs();
const server = createServer((socket) => {
  // The other side leaves when it has everything; that ends the stream with an error.
  pipeline(socket, store.replicate(false), socket, () => undefined);
});
server.listen(0, '127.0.0.1', () => {
  const key = drive.key.toString('hex');
  process.stdout.write(`serving port=${server.address().port} key=${key}\n`);
});
process.once('SIGTERM', () => {
  process.exit(0);
});
