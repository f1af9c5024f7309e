import test from 'ava';
import { AddressBook } from '../../../agent/peer/address-book.ts';
import { loadBook, saveBook, savedDevice } from '../../../agent/peer/book-file.ts';
import { idFromBytes } from '../../../protocol/ids.ts';
import { memoryDisk } from '../../helpers/memory-disk.ts';
import { silentLog } from '../../helpers/replication-node.ts';

const device = idFromBytes('device', Buffer.alloc(16, 1));
const record = (counter: number, ...addresses: string[]) => ({
  counter,
  addresses,
  bytes: Buffer.from('r'),
});

test('Where it worked last is tried first, then what people said, then what the device says', (t) => {
  const book = new AddressBook();
  book.give('given:1', device);
  book.learn(device, record(1, 'signed:2', 'given:1'));
  book.heard(device, 'lan:3');
  book.connected(device, { dialled: undefined, remote: 'seen:50000', nowMs: 5 });
  t.deepEqual(book.candidates(device), ['given:1', 'lan:3', 'signed:2', 'seen:2', 'seen:1']);
  book.connected(device, { dialled: 'signed:2', remote: 'signed:2', nowMs: 6 });
  t.is(book.candidates(device)[0], 'signed:2');
  t.is(book.entry(device)?.lastSeenMs, 6);
});

test('Only a higher counter is news', (t) => {
  const book = new AddressBook();
  t.true(book.learn(device, record(5, 'a:1')));
  t.false(book.learn(device, record(5, 'b:1')));
  t.false(book.learn(device, record(4, 'b:1')));
  t.true(book.learn(device, record(6, 'b:1')));
  t.deepEqual(book.candidates(device), ['b:1']);
});

test('An address without a device belongs to whoever answers there', (t) => {
  const book = new AddressBook();
  t.true(book.give('somewhere:1', undefined));
  t.false(book.give('somewhere:1', undefined));
  t.deepEqual(book.unknown(), ['somewhere:1']);
  book.connected(device, { dialled: 'somewhere:1', remote: 'somewhere:1', nowMs: 1 });
  t.deepEqual(book.unknown(), []);
  t.deepEqual(book.entry(device)?.given, ['somewhere:1']);
  book.take('somewhere:1');
  t.deepEqual(book.candidates(device), []);
});

test('Beacons fill a bounded number of places', (t) => {
  const book = new AddressBook();
  for (let port = 1; port <= 10; port += 1) t.true(book.heard(device, `lan:${String(port)}`));
  t.deepEqual(book.candidates(device), ['lan:10', 'lan:9', 'lan:8', 'lan:7']);
  t.false(book.heard(device, 'lan:9'));
});

test('The file gives back what was saved', async (t) => {
  const disk = memoryDisk();
  const book = new AddressBook();
  book.give('given:1', device);
  book.learn(device, record(3, 'signed:2'));
  book.connected(device, { dialled: 'given:1', remote: 'given:1', nowMs: 9 });
  const saved = {
    counter: 7,
    ownAddresses: ['me:1'],
    listening: '[::]:7420',
    devices: book.entries().map(savedDevice),
    unknown: ['x:1'],
  };
  await saveBook(disk, 'identity/peers.json', saved);
  await saveBook(disk, 'identity/peers.json', saved);
  t.deepEqual(await loadBook(disk, 'identity/peers.json', silentLog), saved);
});

test('A damaged or missing file is an empty book', async (t) => {
  for (const text of ['', '{', 'null', '[]', '{"devices":[{"device":"zz"}]}']) {
    const disk = memoryDisk(new Map([['identity/peers.json', Buffer.from(text)]]));
    const { counter, devices } = await loadBook(disk, 'identity/peers.json', silentLog);
    t.deepEqual([counter, devices], [0, []], text);
  }
  t.deepEqual((await loadBook(memoryDisk(), 'identity/peers.json', silentLog)).devices, []);
});
