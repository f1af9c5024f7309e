import test from 'ava';
import { members } from '../../../protocol/limits.ts';
import {
  isDialable,
  joinAddress,
  parseAddress,
  splitAddress,
} from '../../../protocol/messages/address.ts';

for (const [text, host, port] of [
  ['192.0.2.1:7420', '192.0.2.1', 7420],
  ['nas:1', 'nas', 1],
  ['nas:0', 'nas', 0],
  ['nas.example.org.:65535', 'nas.example.org.', 65_535],
  ['[::1]:7420', '::1', 7420],
  ['[fe80::1%eth0]:7420', 'fe80::1%eth0', 7420],
  ['_srv-1.example:80', '_srv-1.example', 80],
] as const) {
  test(`${text} is an address`, (t) => {
    t.deepEqual(parseAddress(text), { host, port });
    t.deepEqual(splitAddress(text), { host, port });
    t.is(joinAddress(host, port), text);
    t.is(isDialable(text), port > 0);
  });
}

for (const text of [
  '',
  ':',
  ':7420',
  'host',
  'host:',
  'host:00',
  'a:1 ',
  ' a:1',
  '[]:1',
  '*:1',
  'host:007',
  'host:65536',
  'host:-1',
  'host:1x',
  'ho st:1',
  'host\n:1',
  '::1:7420',
  '[::1]7420',
  '[abcd]:1',
  '[::1:1',
  '-host:1',
  'host-:1',
  'a..b:1',
  'häuser:1',
  `${'a'.repeat(64)}:1`,
  `${'a.'.repeat(members.addressBytesMax / 2)}:1`,
]) {
  test(`${JSON.stringify(text.slice(0, 20))} of ${text.length} is no address`, (t) => {
    t.is(parseAddress(text), undefined);
    t.throws(() => splitAddress(text), { code: 'usage' });
    t.false(isDialable(text));
  });
}
