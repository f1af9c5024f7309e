import test from 'ava';
import { isWildcardHost, rateKey } from '../../../agent/peer/address.ts';

test('A host that means every interface names no machine', (t) => {
  for (const host of ['0.0.0.0', '::', '*', '']) t.true(isWildcardHost(host), host);
  for (const host of ['127.0.0.1', '::1', 'nas']) t.false(isWildcardHost(host), host);
});

test('Rate limits count an IPv4 host and an IPv6 network', (t) => {
  t.is(rateKey('10.1.2.3:5'), rateKey('10.1.2.3:6'));
  t.not(rateKey('10.1.2.3:5'), rateKey('10.1.2.4:5'));
  t.is(rateKey('[2001:db8:0:1::5]:1'), rateKey('[2001:db8:0:1:ffff::9]:2'));
  t.not(rateKey('[2001:db8:0:1::5]:1'), rateKey('[2001:db8:0:2::5]:1'));
  t.is(rateKey('[::1]:1'), '0:0:0:0::/64');
  t.is(rateKey('/run/socket'), '/run/socket');
});
