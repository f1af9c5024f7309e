import test from 'ava';
import { resolvePlaces } from '../../../agent/home/layout.ts';
import type { PlaceSources } from '../../../agent/home/layout.ts';
import { isVaultError } from '../../../protocol/errors.ts';

function places(sources: Partial<PlaceSources> = {}) {
  return resolvePlaces({
    homeFlag: undefined,
    socketFlag: undefined,
    environment: {},
    userHome: '/home/ann',
    workingDirectory: '/here',
    ...sources,
  });
}

test('the default home follows the XDG specification', (t) => {
  t.is(places().home, '/home/ann/.local/share/peervault');
  t.is(places({ environment: { XDG_DATA_HOME: '/data' } }).home, '/data/peervault');
  t.is(
    places({ environment: { XDG_DATA_HOME: 'relative' } }).home,
    '/home/ann/.local/share/peervault',
  );
});

test('a flag beats VAULT_HOME, and a relative path starts at the working directory', (t) => {
  t.is(places({ environment: { VAULT_HOME: '/env' } }).home, '/env');
  t.is(places({ homeFlag: 'flag', environment: { VAULT_HOME: '/env' } }).home, '/here/flag');
});

test('the socket is in the home unless a flag or VAULT_SOCKET says otherwise', (t) => {
  t.is(places({ homeFlag: '/h' }).socket, '/h/agent.sock');
  t.is(places({ environment: { VAULT_SOCKET: '/run/s' } }).socket, '/run/s');
  t.is(places({ socketFlag: 's', environment: { VAULT_SOCKET: '/run/s' } }).socket, '/here/s');
});

test('a socket path of 107 bytes is accepted and one of 108 names the setting', (t) => {
  const path = (bytes: number) => `/${'s'.repeat(bytes - 1)}`;
  t.notThrows(() => places({ socketFlag: path(107) }));
  for (const [setting, sources] of [
    ['--socket', { socketFlag: path(108) }],
    ['VAULT_SOCKET', { environment: { VAULT_SOCKET: path(108) } }],
    ['the home', { homeFlag: path(108 - '/agent.sock'.length) }],
    ['--socket', { socketFlag: `/${'ü'.repeat(54)}` }],
  ] as const) {
    const error = t.throws(() => places(sources));
    t.true(isVaultError(error, 'usage'));
    t.true(error.message.includes(setting), error.message);
  }
});
