import test from 'ava';
import type { TransferRow } from '../../../protocol/control/reports.ts';
import type { ControlClient } from '../../../protocol/control/client.ts';
import { parseRate } from '../../../protocol/text/rate.ts';
import { actionById } from '../../../tui/keymap/action-list.ts';
import type { ActionIo } from '../../../tui/keymap/action.ts';
import { reduce } from '../../../tui/state/reducer.ts';
import { piecesWatches } from '../../../tui/views/transfers/pieces.ts';
import { shownTransfers } from '../../../tui/views/transfers/slice.ts';
import type { WatchIo } from '../../../tui/views/view.ts';
import { consoleNowMs, consoleState, drawn } from '../../helpers/console-state.ts';

function row(id: string, more: Partial<TransferRow>): TransferRow {
  return {
    ...{
      id,
      direction: 'in',
      kind: 'replicate',
      path: null,
      deviceId: '22'.repeat(16),
      peer: 'nas',
    },
    ...{ state: 'running', bytesDone: 10, bytesTotal: 100, bytesPerSecond: 5, secondsLeft: 18 },
    ...{ startedAt: '2026-11-21T06:44:28.000Z', reason: null },
    ...more,
  };
}

const stateOf = (...value: readonly TransferRow[]) =>
  consoleState('transfers', { type: 'data', name: 'transfers', value, atMs: consoleNowMs });

function performed(state: ReturnType<typeof stateOf>) {
  const asked: unknown[] = [];
  const client = {
    transferSteer: (request: unknown) => Promise.resolve(asked.push(request)),
    limit: (request: object) => {
      asked.push(request);
      return Promise.resolve({ inBytesPerSecond: 1024, outBytesPerSecond: null });
    },
  } as unknown as ControlClient;
  return { io: { state: () => state, client: () => client } as unknown as ActionIo, asked, client };
}

test('one key lets a transfer wait, and go on; both can be undone', async (t) => {
  const running = stateOf(row('in-22222222', {}));
  const action = actionById('transfers.pause')!;
  t.deepEqual(action.command?.(running, []), ['transfers', 'pause', 'in-22222222']);
  const { io, asked, client } = performed(running);
  const outcome = await action.run(io, []);
  await outcome?.undo?.run(client);
  t.deepEqual(asked, [
    { id: 'in-22222222', action: 'pause' },
    { id: 'in-22222222', action: 'resume' },
  ]);
  const paused = stateOf(row('in-22222222', { state: 'paused' }));
  t.deepEqual(action.command?.(paused, []), ['transfers', 'resume', 'in-22222222']);
  t.true(drawn(paused).some((line) => /nas.*paused/.test(line)));
});

test('only what a client does can be given up, and it is asked about', (t) => {
  const { unless, confirm } = actionById('transfers.cancel')!;
  t.regex(unless?.(stateOf(row('in-22222222', {}))) ?? '', /pause it/);
  const put = stateOf(row('put-3', { kind: 'put', path: '/a', peer: null, deviceId: null }));
  t.is(unless?.(put), undefined);
  t.regex(confirm?.(put, [])?.title ?? '', /put-3/);
});

test('a limit that is left empty stays as it is', async (t) => {
  const action = actionById('transfers.limit')!;
  const { io, asked } = performed(stateOf());
  t.deepEqual(action.command?.(stateOf(), ['2MiB', '']), ['limit', '--down', '2MiB']);
  const outcome = await action.run(io, ['2MiB', '']);
  t.deepEqual(asked[1], { inBytesPerSecond: 2 * 1024 ** 2, outBytesPerSecond: undefined });
  t.regex(outcome?.text ?? '', /in: 1.0 KiB\/s, out: no limit/);
  await t.throwsAsync(async () => action.run(io, ['fast', '']), { message: /a rate is needed/ });
});

test('what runs comes first, what is paused after what waits', (t) => {
  const states = ['done', 'paused', 'waiting', 'running'] as const;
  const state = stateOf(...states.map((each) => row(each, { state: each })));
  t.deepEqual(
    shownTransfers(state).map(({ id }) => id),
    ['running', 'waiting', 'paused', 'done'],
  );
});

test('the map is asked for the bytes of a path, not for what its text looks like', async (t) => {
  const asked: string[] = [];
  const client = {
    pieces({ path }: { readonly path: Buffer }) {
      asked.push(path.toString('latin1'));
      return Promise.resolve({});
    },
  } as unknown as ControlClient;
  const paths = [
    { path: '/a/\ufffd', pathBytes: Buffer.from('a/\xff', 'latin1').toString('base64') },
    { path: '/a/b' },
    { path: null },
  ];
  for (const each of paths) {
    const state = stateOf(row('get-1', { kind: 'get', ...each }));
    for (const watch of piecesWatches(state)) {
      await watch.run(client, { emit: () => undefined } as unknown as WatchIo);
    }
  }
  t.deepEqual(asked, ['a/\xff', 'a/b']);
});

test('an empty pane says why it is empty', (t) => {
  t.regex(drawn(stateOf()).join(' '), /is shown here while it runs/);
  const filtered = reduce(stateOf(row('in-22222222', {})), {
    type: 'filter',
    text: 'nothing has this',
  });
  t.regex(drawn(filtered).join(' '), /No transfer fits the filter/);
});

test('new limits can be taken back, by the console and by the command that is shown', async (t) => {
  const { io, asked, client } = performed(stateOf());
  const outcome = await actionById('transfers.limit')!.run(io, ['2MiB', 'off']);
  t.deepEqual(outcome?.undo?.command, ['limit', '--down', '1024', '--up', 'off']);
  t.is(parseRate('1024'), 1024);
  await outcome?.undo?.run(client);
  t.deepEqual(asked.at(-1), { inBytesPerSecond: 1024, outBytesPerSecond: 0 });
});

test('whoever copies a path that is no text is told that it is escaped', async (t) => {
  const copied: string[] = [];
  const copy = (more: Partial<TransferRow>) =>
    actionById('transfers.copy-path')!.run(
      {
        state: () => stateOf(row('get-1', { kind: 'get', ...more })),
        terminal: { copy: (text: string) => copied.push(text) },
      } as unknown as ActionIo,
      [],
    );
  t.is((await copy({ path: '/plain' }))?.text, 'The path is copied');
  const bytes = Buffer.from([0x61, 0xff]);
  const odd = await copy({ path: '/a\\xff', pathBytes: bytes.toString('base64') });
  t.regex(odd?.text ?? '', /--escaped-paths/);
  t.deepEqual(copied, ['/plain', '/a\\xff']);
});
