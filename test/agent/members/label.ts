import test from 'ava';
import { openLabel, sealLabel } from '../../../agent/members/label.ts';
import { parseId } from '../../../protocol/ids.ts';
import { members } from '../../../protocol/limits.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';

const random = seededRandom('label');
const device = parseId('device', '01'.repeat(16));
const memberKey = Buffer.alloc(32, 1);
const other = Buffer.alloc(32, 2);

for (const label of ['', 'laptop', 'Küche 🗄️', 'x'.repeat(members.labelBytesMax)]) {
  test(`the label ${JSON.stringify(label.slice(0, 12))} opens with any of the keys`, (t) => {
    const sealed = sealLabel(random, label, { device, memberKey });
    t.is(openLabel([other, memberKey], device, sealed), label);
    t.true(sealed.length <= members.sealedLabelBytesMax);
  });
}

test('a label opens for its device and with its key only', (t) => {
  const sealed = sealLabel(random, 'laptop', { device, memberKey });
  t.is(openLabel([other], device, sealed), undefined);
  t.is(openLabel([], device, sealed), undefined);
  t.is(openLabel([memberKey], parseId('device', '02'.repeat(16)), sealed), undefined);
  for (let length = 0; length < sealed.length; length += 1) {
    t.is(openLabel([memberKey], device, sealed.subarray(0, length)), undefined);
  }
});

test('the same label is never sealed to the same bytes twice', (t) => {
  const seal = () => sealLabel(random, 'laptop', { device, memberKey }).toString('hex');
  t.not(seal(), seal());
});
