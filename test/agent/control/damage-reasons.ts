import test from 'ava';
import { damageReasons, type DamageSources } from '../../../agent/control/damage-reasons.ts';
import type { StoreEvent } from '../../../agent/store/store.ts';
import { idFromBytes, type DeviceId } from '../../../protocol/ids.ts';

const nas = idFromBytes('device', Buffer.alloc(16, 1));
const vps = idFromBytes('device', Buffer.alloc(16, 2));
const chunk = { id: idFromBytes('chunk', Buffer.alloc(32)), length: 100 };

function sources(
  damaged: Partial<DamageSources['lag']['damaged']>,
  events: readonly StoreEvent[] = [],
  missingChunks = damaged.chunks ?? 0,
): DamageSources {
  return {
    events,
    lag: { missingChunks, damaged: { chunks: 0, bytes: 0, from: [], nowhere: 0, ...damaged } },
    nameOf: (device: DeviceId) => (device === nas ? 'nas' : 'vps'),
  };
}

const inSegment: StoreEvent = {
  type: 'record-quarantined',
  file: 'segments/00000003.seg',
  chunk,
  reason: 'the body does not match its id',
};

test('Damaged chunks say how many they are and who they come from', (t) => {
  const [reason, ...more] = damageReasons(
    sources({ chunks: 3, bytes: 300, from: [nas, vps] }, [inSegment, inSegment]),
  );
  t.deepEqual(more, []);
  t.like(reason, {
    code: 'store-damaged',
    message: '3 damaged chunks (300 bytes): being fetched from nas, vps',
    subject: 'segments/00000003.seg',
  });
});

test('Damaged chunks that nobody has say so, and what to do', (t) => {
  const [none] = damageReasons(sources({ chunks: 1, bytes: 100, nowhere: 1 }));
  t.is(none?.message, '1 damaged chunk (100 bytes): no device that is online has them');
  t.regex(none?.next ?? '', /start a device/);
  const [some] = damageReasons(sources({ chunks: 5, bytes: 500, from: [nas], nowhere: 2 }));
  t.regex(some?.message ?? '', /from nas; no device that is online has 2 of them/);
});

test('Damage is over when it is mended; what is no chunk stays named', (t) => {
  t.deepEqual(damageReasons(sources({}, [inSegment])), []);
  const loose: StoreEvent = { ...inSegment, chunk: undefined };
  t.deepEqual(damageReasons(sources({}, [loose])), []);
  t.is(damageReasons(sources({}, [loose], 1)).length, 1);
  const journal: StoreEvent = { ...loose, file: 'journals/x.jnl' };
  t.like(damageReasons(sources({}, [journal]))[0], {
    code: 'store-damaged',
    subject: 'journals/x.jnl',
  });
  t.deepEqual(damageReasons(sources({}, [{ ...loose, type: 'tail-cut' }], 1)), []);
});
