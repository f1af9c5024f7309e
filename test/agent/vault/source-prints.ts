/** Prints of sources, beside a plain map of them. */
import test from 'ava';
import fc from 'fast-check';
import { createMemoryIndex } from '../../../agent/store/memory-index.ts';
import { SourcePrints } from '../../../agent/vault/source-prints.ts';
import { opDigest } from '../../../agent/vault/version-id.ts';
import { blake3Of } from '../../../protocol/hash.ts';
import type { JournalId } from '../../../protocol/ids.ts';
import type { OpId } from '../../../protocol/messages/op.ts';

const journals = ['1a'.repeat(24), '2b'.repeat(24)] as JournalId[];
const versions = fc.record({
  journal: fc.constantFrom(...journals),
  sequence: fc.integer({ min: 1, max: 3 }),
  index: fc.integer({ min: 0, max: 5 }),
});
const fingerprints = fc.constantFrom('a', 'b', 'c').map((text) => Buffer.from(text));
const steps = fc.oneof(
  fc.record({
    type: fc.constant('remember' as const),
    prints: fc.array(fc.record({ version: versions, fingerprint: fingerprints }), { maxLength: 8 }),
    waits: fc.boolean(),
  }),
  fc.record({ type: fc.constant('ask' as const), version: versions, fingerprint: fingerprints }),
  // Some of it is written by now, and some is not.
  fc.record({ type: fc.constant('turn' as const) }),
  fc.record({ type: fc.constant('restart' as const) }),
);

function nameOf({ journal, sequence, index }: OpId): string {
  return `${journal}/${String(sequence)}/${String(index)}`;
}

test('a print is known from the moment on that it is remembered, whatever is written meanwhile', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 30 }), async (all) => {
      const index = createMemoryIndex();
      let prints = new SourcePrints(index);
      const known = new Map<string, string>();
      let written: Promise<void> = Promise.resolve();
      for (const step of all) {
        if (step.type === 'remember') {
          written = prints.remember(step.prints);
          for (const { version, fingerprint } of step.prints) {
            known.set(nameOf(version), fingerprint.toString());
          }
          if (step.waits) await written;
        } else if (step.type === 'ask') {
          const { version, fingerprint } = step;
          const wanted = known.get(nameOf(version)) === fingerprint.toString();
          t.is(prints.matches(version, fingerprint), wanted);
        } else if (step.type === 'turn') {
          await Promise.resolve();
        } else {
          await written;
          prints = new SourcePrints(index);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('prints that an earlier version wrote one by one are still known', async (t) => {
  const index = createMemoryIndex();
  const version: OpId = { journal: journals[0]!, sequence: 7, index: 3 };
  const fingerprint = Buffer.from('as it was');
  const value = blake3Of('peervault source print', fingerprint).subarray(0, 16);
  await index.write([{ key: opDigest(version).subarray(0, 16), value }]);
  const prints = new SourcePrints(index);
  t.true(prints.matches(version, fingerprint));
  t.false(prints.matches(version, Buffer.from('as it is')));
  t.false(prints.matches({ ...version, index: 4 }, fingerprint));
});

test('an empty fingerprint is never kept and matches nothing', async (t) => {
  const index = createMemoryIndex();
  const prints = new SourcePrints(index);
  const version: OpId = { journal: journals[0]!, sequence: 1, index: 0 };
  await prints.remember([{ version, fingerprint: Buffer.alloc(0) }]);
  t.false(prints.matches(version, Buffer.alloc(0)));
});
