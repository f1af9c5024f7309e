import test from 'ava';
import { VaultError } from '../../protocol/errors.ts';
import { allDecoders } from '../helpers/decoders.ts';
import { fuzz } from '../helpers/fuzz.ts';

const options = { seed: 1, inputs: 10_000, measureEvery: 200 };

const decoders = await allDecoders();

test('every decoder is in the table', (t) => {
  t.true(decoders.length > 80, String(decoders.length));
  t.is(new Set(decoders.map(({ name }) => name)).size, decoders.length);
});

for (const decoder of decoders) {
  test.serial(
    `${decoder.name} does not crash, hang or allocate without measure, whatever it is given`,
    async (t) => {
      // A turn of the loop, so that whoever runs the tests hears from each.
      await new Promise((resolve) => setImmediate(resolve));
      t.deepEqual(fuzz(decoder, options).problems, []);
    },
  );
}

test('well-formed inputs get through, so that the changed ones go deep', (t) => {
  const named = new Map(decoders.map((decoder) => [decoder.name, decoder]));
  for (const name of [
    ...['batch', 'statement.signed', 'forkProof.read', 'config.toml', 'fuse.request', 'preface'],
  ]) {
    const decoder = named.get(name);
    t.true(decoder !== undefined && decoder.seeds.length > 0, name);
    const { accepted } = fuzz(decoder!, { ...options, inputs: 300 });
    t.true(accepted > 0, `${name}: ${String(accepted)}`);
  }
});

test('the worst that a batch can hold stays within the bound of its decoder', (t) => {
  const decoder = decoders.find(({ name }) => name === 'batch.body')!;
  const field = (number: number, body: Buffer): Buffer =>
    Buffer.concat([Buffer.from([number * 8 + 2, body.length]), body]);
  const id = Buffer.alloc(16, 5);
  const worst = {
    nothing: Buffer.alloc(0),
    'no ids': field(1, Buffer.alloc(0)),
    'a size without a place': field(2, Buffer.concat([field(1, id), field(3, Buffer.of(8, 5))])),
    unlink: field(6, Buffer.concat([field(1, id), field(2, id)])),
  };
  for (const [name, op] of Object.entries(worst)) {
    const one = field(5, op);
    const count = Math.min(4_096, Math.floor((64 * 1024) / one.length));
    const seed = Buffer.concat(Array<Buffer>(count).fill(one));
    t.not(decoder.run(Buffer.from(seed)), undefined, name);
    const { problems } = fuzz(
      { ...decoder, seeds: [seed] },
      { seed: 1, inputs: 60, measureEvery: 1 },
    );
    t.deepEqual(problems, [], name);
  }
});

test('a decoder that throws something else, hangs or allocates too much is found', (t) => {
  const found = (run: (bytes: Buffer) => unknown): string =>
    fuzz(
      { name: 'bad', seeds: [], run },
      { ...options, inputs: 40, measureEvery: 1 },
    ).problems.join();
  t.regex(
    found((bytes) => bytes.length > 3 && JSON.parse(bytes.toString('hex'))),
    /SyntaxError/,
  );
  t.regex(
    found(() => Buffer.alloc(300_000)),
    /bytes allocated/,
  );
  t.regex(
    found(() => Array.from({ length: 5_000 }, (_, at) => ({ at }))),
    /bytes allocated/,
  );
  t.regex(
    found(() => {
      // Of this process, whatever others take meanwhile.
      const before = process.cpuUsage();
      while (process.cpuUsage(before).user + process.cpuUsage(before).system < 60_000);
    }),
    /ms, by/,
  );
  t.is(
    found(() => {
      throw new VaultError('malformed', { op: 'test' });
    }),
    '',
  );
});
