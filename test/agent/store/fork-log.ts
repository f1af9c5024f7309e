/** What a fork leaves on the disk, branches and proofs, after crashes and without the index. */
import test from 'ava';
import { forkLogPath } from '../../../agent/store/paths.ts';
import type { StoredBatch } from '../../../agent/store/store.ts';
import { branchName } from '../../../protocol/branch-name.ts';
import { journal as limits } from '../../../protocol/limits.ts';
import { createSimStoreMachine } from '../../helpers/sim-store.ts';
import { allOf, batchOf, hashOf, journalA } from '../../suites/journal-store.ts';

/** Long enough for several files. */
const branch: readonly StoredBatch[] = Array.from({ length: 40 }, (_, at) => {
  const sequence = at + 21;
  const nameOf = (number: number) => hashOf(`branch ${String(number)}`);
  return {
    ...batchOf(journalA, sequence, { bytes: Buffer.alloc(700, sequence) }),
    journal: branchName(journalA, nameOf(21)),
    hash: nameOf(sequence),
    previous: sequence === 21 ? batchOf(journalA, 20).hash : nameOf(sequence - 1),
  };
});
const trunk = Array.from({ length: 30 }, (_, at) => batchOf(journalA, at + 1));

for (const how of ['crash', 'kill', 'loss of the index'] as const) {
  test(`branches and proofs are there after a ${how}`, async (t) => {
    const machine = createSimStoreMachine(1);
    const store = await machine.open();
    await store.journals.append(trunk);
    await store.journals.append(branch.slice(0, 30));
    await store.forks.append([Buffer.from('a proof')]);
    if (how === 'crash') machine.crash();
    else if (how === 'kill') machine.kill();
    else {
      await store.close();
      await machine.index.destroy();
    }
    const again = await machine.open();
    const { journal } = branch[0]!;
    t.deepEqual(again.forks.all().map(String), ['a proof']);
    t.deepEqual(
      again.journals.tips().map((tip) => [tip.journal, tip.sequence]),
      [[journalA, 30]],
    );
    t.deepEqual(
      again.journals.branches().map((tip) => [tip.journal, tip.sequence]),
      [[journal, 50]],
    );
    t.deepEqual(again.journals.damaged(), []);
    await again.journals.append(branch.slice(30));
    await again.forks.append([Buffer.from('another')]);
    t.deepEqual(await allOf(again.journals, journal), branch);
    t.deepEqual(await allOf(again.journals, journal, 44), branch.slice(24));
    t.deepEqual(await allOf(again.journals, journalA), trunk);
    await again.close();
    const third = await machine.open();
    t.deepEqual(await allOf(third.journals, journal), branch);
    t.is(third.forks.all().length, 2);
    await third.close();
  });
}

test('a damaged proof is set aside, and the others stay', async (t) => {
  const machine = createSimStoreMachine(2);
  const store = await machine.open();
  await store.forks.append([Buffer.from('the first proof')]);
  await store.forks.append([Buffer.from('the second proof')]);
  await t.throwsAsync(store.forks.append([Buffer.alloc(limits.forkProofBytesMax + 1)]), {
    code: 'too-large',
  });
  await store.close();
  const at = machine.disk.peek(forkLogPath)!.indexOf('the first proof');
  machine.disk.flipBit(forkLogPath, (at + 4) * 8);
  const again = await machine.open();
  t.deepEqual(again.forks.all().map(String), ['the second proof']);
  await again.close();
});
