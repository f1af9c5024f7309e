import test from 'ava';
import { isDialable, joinAddress, rateKey, splitAddress } from '../../../agent/peer/address.ts';

test('Addresses are taken apart and put together again', (t) => {
  for (const [text, host, port] of [
    ['a:1', 'a', 1],
    ['127.0.0.1:65535', '127.0.0.1', 65_535],
    ['[::1]:7420', '::1', 7420],
    ['[fe80::1%eth0]:7420', 'fe80::1%eth0', 7420],
    ['some.host-name.example:0', 'some.host-name.example', 0],
  ] as const) {
    t.deepEqual(splitAddress(text), { host, port });
    t.is(joinAddress(host, port), text);
  }
});

test('What is no address is refused', (t) => {
  for (const text of [
    '',
    ':',
    'a',
    'a:',
    ':1',
    'a:65536',
    'a:-1',
    'a:1 ',
    ' a:1',
    '::1:80',
    '[]:1',
    '[::1]',
    'a\n:1',
    `${'a'.repeat(255)}:1`,
  ]) {
    t.throws(() => splitAddress(text), { code: 'usage' }, JSON.stringify(text));
    t.false(isDialable(text));
  }
  t.false(isDialable('a:0'), 'a port to listen on, not to dial');
});

test('Rate limits count an IPv4 host and an IPv6 network', (t) => {
  t.is(rateKey('10.1.2.3:5'), rateKey('10.1.2.3:6'));
  t.not(rateKey('10.1.2.3:5'), rateKey('10.1.2.4:5'));
  t.is(rateKey('[2001:db8:0:1::5]:1'), rateKey('[2001:db8:0:1:ffff::9]:2'));
  t.not(rateKey('[2001:db8:0:1::5]:1'), rateKey('[2001:db8:0:2::5]:1'));
  t.is(rateKey('[::1]:1'), '0:0:0:0::/64');
  t.is(rateKey('/run/socket'), '/run/socket');
});
