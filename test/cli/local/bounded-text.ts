import test from 'ava';
import { boundedText } from '../../../cli/local/bounded-text.ts';
import { isVaultError } from '../../../protocol/errors.ts';

const tooLong = { code: 'too-large', next: 'say less' } as const;

async function read(bytesMax: number, ...pieces: readonly Buffer[]): Promise<string> {
  const source = (async function* () {
    await Promise.resolve();
    yield* pieces;
  })();
  return boundedText(source, { bytesMax, subject: 'the note', tooLong });
}

test('text comes whole, also where a letter is in two pieces', async (t) => {
  const umlaut = Buffer.from('ü');
  t.is(await read(10, Buffer.from('a'), umlaut.subarray(0, 1), umlaut.subarray(1)), 'aü');
  t.is(await read(10), '');
});

test('what is too long, or no text, is refused and not cut or changed', async (t) => {
  const long = await t.throwsAsync(read(3, Buffer.from('ab'), Buffer.from('cd')));
  t.true(isVaultError(long, 'too-large'));
  const bytes = await t.throwsAsync(read(10, Buffer.from([0x61, 0xff, 0xfe])));
  t.true(isVaultError(bytes, 'usage'));
  t.regex(bytes?.message ?? '', /the note: .*not text in UTF-8/);
});
