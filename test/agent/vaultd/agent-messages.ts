import test from 'ava';
import {
  isStopMessage,
  parseAgentArguments,
  parseAgentMessage,
  readyLine,
} from '../../../agent/vaultd/agent-messages.ts';

const argument = { home: '/h', socket: '/h/s', flags: { listen: ':0' }, logFormat: 'json' };

test('arguments survive the command line', (t) => {
  t.deepEqual(parseAgentArguments(JSON.stringify(argument)), argument);
  const rescue = { ...argument, rescue: { name: 'a', reasons: ['b'] } };
  t.deepEqual(parseAgentArguments(JSON.stringify(rescue)), rescue);
});

test('wrong arguments are refused, not guessed', (t) => {
  for (const text of [undefined, '', '{}', '[]', '{"home":"/h"}']) {
    t.throws(() => parseAgentArguments(text), undefined, text);
  }
  for (const name of Object.keys(argument)) {
    const lacking = Object.fromEntries(Object.entries(argument).filter(([key]) => key !== name));
    t.throws(() => parseAgentArguments(JSON.stringify(lacking)), undefined, name);
  }
});

test('what is no message of an agent is ignored, and an unknown error code is internal', (t) => {
  for (const value of [undefined, null, 'ready', 5, {}, { type: 'other' }, { cmd: 'NODE_x' }]) {
    t.is(parseAgentMessage(value), undefined);
    t.false(isStopMessage(value));
  }
  t.true(isStopMessage({ type: 'stop' }));
  const failed = { type: 'failed', code: 'toString', message: 'm' };
  t.like(parseAgentMessage(failed), { type: 'failed', code: 'internal', message: 'm' });
});

test('the ready line is the one that scripts read', (t) => {
  t.is(
    readyLine({ device: 'aa', vault: 'bb', listen: '[::]:7420', socket: '/h/agent.sock' }),
    'vaultd ready device=aa vault=bb listen=[::]:7420 socket=/h/agent.sock\n',
  );
});
