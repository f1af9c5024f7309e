import test from 'ava';
import { listenAgain } from '../../../agent/peer/listen-again.ts';
import { VaultError } from '../../../protocol/errors.ts';
import type { Network } from '../../../agent/ports.ts';

/** Ports that are taken are refused; port 0 gives 5000. */
function network(taken: readonly number[] = []): Pick<Network, 'listen'> & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    listen(address) {
      asked.push(address);
      const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? [];
      if (taken.includes(Number(port))) {
        return Promise.reject(new VaultError('port-in-use', { op: 'test', subject: address }));
      }
      const bound = port === '0' ? '5000' : port;
      return Promise.resolve({ address: `${host}:${bound}`, close: () => Promise.resolve() });
    },
  };
}

const nobody = (): void => undefined;

for (const [what, choice, taken, address] of [
  ['the first time', { listen: '127.0.0.1:0', last: undefined }, [], '127.0.0.1:5000'],
  [
    'the port of the last time',
    { listen: '127.0.0.1:0', last: '127.0.0.1:4711' },
    [],
    '127.0.0.1:4711',
  ],
  ['any host keeps the port too', { listen: ':0', last: '[::]:4711' }, [], ':4711'],
  [
    'a port that is taken',
    { listen: '127.0.0.1:0', last: '127.0.0.1:4711' },
    [4711],
    '127.0.0.1:5000',
  ],
  ['a port that was set', { listen: 'host:7420', last: 'host:4711' }, [], 'host:7420'],
] as const) {
  test(`listening again: ${what}`, async (t) => {
    const listener = await listenAgain(network(taken), choice, nobody);
    t.is(listener.address, address);
  });
}

test('a port that was set and is taken is refused, and no other one tried', async (t) => {
  const only = network([7420]);
  await t.throwsAsync(listenAgain(only, { listen: 'host:7420', last: 'host:4711' }, nobody), {
    code: 'port-in-use',
  });
  t.deepEqual(only.asked, ['host:7420']);
});
