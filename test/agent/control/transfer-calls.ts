import test from 'ava';
import type { Call, ControlContext } from '../../../agent/control/context.ts';
import { RunningCalls } from '../../../agent/control/running-calls.ts';
import { transfersReport } from '../../../agent/control/transfer-calls.ts';
import { getRequest } from '../../../protocol/messages/control-get.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';

/** What of an agent the report looks at: clients that get these paths, and no other devices. */
function reading(...paths: readonly Buffer[]): ControlContext {
  const running = new RunningCalls(createManualClock());
  for (const path of paths) {
    const stream = { signal: new AbortController().signal };
    const request = getRequest.toWire({ path, recursive: false, offset: 0 });
    running.follow('get', { request, stream } as unknown as Call);
  }
  const flow = { settings: () => ({ held: [] }) };
  const replication = { state: () => ({ transfers: [] }), flow };
  const vault = { parts: { replication } };
  return { running, vault, facts: { startedAtMs: 0 } } as unknown as ControlContext;
}

test('a call with a path that is being refused is shown without one, and the others with theirs', (t) => {
  const paths = ['/a/b', 'a/../b', 'x'.repeat(300), 'a\0b'].map((path) => Buffer.from(path));
  t.deepEqual(
    transfersReport(reading(...paths)).map(({ path }) => path),
    ['/a/b', null, null, null],
  );
});

test('of a path that is not UTF-8 the bytes are said too, of others not', (t) => {
  const [odd, plain] = transfersReport(
    reading(Buffer.from([0x2f, 0x61, 0xff, 0x2f, 0xfe]), Buffer.from('/ä\ufffd')),
  );
  t.is(odd?.path, '/a\ufffd/\ufffd');
  t.deepEqual(Buffer.from(odd?.pathBytes ?? '', 'base64'), Buffer.from([0x61, 0xff, 0x2f, 0xfe]));
  t.is(plain?.path, '/ä\ufffd');
  t.false('pathBytes' in plain!);
});
