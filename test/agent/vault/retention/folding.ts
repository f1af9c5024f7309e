/** What an admin's checkpoint folds while operations of this device are on their way into the journal. */
import test from 'ava';
import type { OpenedBatch } from '../../../../agent/journal/batch.ts';
import { Folding } from '../../../../agent/vault/retention/folding.ts';
import {
  journalId,
  type BatchHash,
  type DeviceId,
  type IncarnationId,
  type JournalId,
} from '../../../../protocol/ids.ts';
import type { StatementKind } from '../../../../protocol/messages/statement.ts';
import { createManualClock } from '../../../helpers/manual-clock.ts';
import { encodeBatch } from '../../../../protocol/messages/batch-wire.ts';

const some = Buffer.alloc(64);
const emptyBatch = encodeBatch({ header: some, sealed: Buffer.alloc(0), signature: some });

const [self, other] = ['a', 'b'].map((digit) => digit.repeat(32) as DeviceId) as [
  DeviceId,
  DeviceId,
];
const journalOf = (device: DeviceId): JournalId =>
  journalId(device, device.slice(0, 16) as IncarnationId);

test('what is on its way when it begins is folded too, or nothing that it has not seen', async (t) => {
  const applied = new Map([[journalOf(other), 1]]);
  const issued: StatementKind[] = [];
  const folding = new Folding({
    unsaid: () => undefined,
    device: self,
    tree: { vector: () => applied },
    source: {
      async *read(journal) {
        await Promise.resolve();
        const body = { stamp: { wallMs: 0, counter: 0 }, seen: [], ops: [{ type: 'unknown' }] };
        const header = { journal, sequence: 1 };
        yield { header, bytes: emptyBatch, body } as unknown as OpenedBatch;
      },
    },
    clock: createManualClock(),
    floor: () => Promise.resolve(new Map(applied)),
    standing: () => undefined,
    writers: () => [self],
    announced: () => undefined,
    hashAt: () => Promise.resolve('f'.repeat(64) as BatchHash),
    stateRoot: () => Promise.resolve(Buffer.alloc(32)),
    isAgreed: () => false,
    forget: () => Promise.resolve(),
    foldedMs: () => undefined,
    issuing: { key: () => undefined as never },
    publisher: {
      flushed: () => {
        // It was made before the other one's batch came.
        applied.set(journalOf(self), 1);
        return Promise.resolve();
      },
    },
    members: {
      current: () => ({ checkpoint: undefined }) as never,
      issue: (build) => {
        build({ issue: (_: unknown, kind: StatementKind) => issued.push(kind) } as never);
        return Promise.resolve([]);
      },
    },
  });
  await folding.fold();
  const [checkpoint] = issued;
  const devices = checkpoint?.type === 'checkpoint' && checkpoint.vector.map((each) => each.device);
  t.deepEqual(devices, [self, other]);
});
