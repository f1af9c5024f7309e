import test from 'ava';
import { textOfLine } from '../../../agent/host/log-line.ts';
import { Secret } from '../../../agent/members/secret.ts';
import { VaultError } from '../../../protocol/errors.ts';
import { createCollectedLog } from '../../helpers/collected-log.ts';

test('a line is one JSON object with time, level, place and fields', (t) => {
  const { log, lines } = createCollectedLog();
  log.child('peer').child('dialer').warn({ address: 'a:1' }, 'unreachable');
  t.is(lines.length, 1);
  t.true(lines[0]!.endsWith('\n'));
  const record = JSON.parse(lines[0]!) as Record<string, unknown>;
  t.regex(String(record['time']), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  t.like(record, { level: 'warn', in: 'peer.dialer', address: 'a:1', msg: 'unreachable' });
});

test('lines below the level are not written', (t) => {
  const { log, messages } = createCollectedLog({ level: 'warn' });
  log.debug({}, 'a');
  log.info({}, 'b');
  log.warn({}, 'c');
  log.child('x').error({}, 'd');
  t.deepEqual(messages(), ['c', 'd']);
});

test('a secret prints as such, however deep it sits and in either format', (t) => {
  const canary = Buffer.from('canary-canary-canary-canary-0000');
  for (const format of ['json', 'text'] as const) {
    const { log, lines } = createCollectedLog({ format });
    const secret = new Secret(canary);
    log.info({ secret, deep: { list: [secret] } }, `${String(secret)} in the message`);
    log.error({ err: new Error(`it was ${String(secret)}`) }, 'failed');
    const all = lines.join('');
    for (const form of [
      canary.toString('utf8'),
      canary.toString('hex'),
      canary.toString('base64'),
    ]) {
      t.false(all.includes(form), form);
    }
    t.true(all.includes('[secret]'));
  }
});

test('an error is logged with code, subject, stack and the chain of its causes', (t) => {
  const { log, lines } = createCollectedLog();
  const cause = Object.assign(new Error('no'), { code: 'EIO', secretStuff: 'x' });
  log.error({ err: new VaultError('io', { op: 'disk.read', subject: 'a/b', cause }) }, 'failed');
  const { err } = JSON.parse(lines[0]!) as { err: Record<string, unknown> };
  t.like(err, {
    code: 'io',
    op: 'disk.read',
    subject: 'a/b',
    cause: { code: 'EIO', message: 'no' },
  });
  t.true(String(err['stack']).includes('pino-log.ts'));
  t.false(lines[0]!.includes('secretStuff'));
});

test('a foreign string can neither forge a line nor drive a terminal', (t) => {
  const evil = 'a\n2026 error: forged\u001b[2J\u009b31m\u202eevil';
  for (const format of ['json', 'text'] as const) {
    const { log, lines } = createCollectedLog({ format });
    log.info({ name: evil, deep: { [evil]: evil } }, 'peer has a name');
    t.is(lines.length, 1);
    t.is(lines[0]!.split('\n').length, 2, format);
    t.notRegex(lines[0]!, /\u001b/);
    if (format === 'text') t.notRegex(lines[0]!, /[\u009b\u202e]/);
  }
});

test('text shows time, level, place, message and fields', (t) => {
  const line = textOfLine(
    '{"level":"info","time":"2026-11-21T06:44:28.123Z","pid":5,"in":"peer","n":3,"who":"a b","msg":"hello"}',
  );
  t.is(line, '06:44:28.123 info  peer: hello n=3 who="a b"');
});

test('a line that is no record of ours passes through, escaped', (t) => {
  for (const line of ['', 'plain', '{"cut', '{"time":5}', '[]', '{}']) t.is(textOfLine(line), line);
  t.is(textOfLine('a\u001bb'), 'a\\x1bb');
});

test('the stack of an error is shown line by line below it', (t) => {
  const { log, lines } = createCollectedLog({ format: 'text' });
  log.error({ err: new Error('boom') }, 'failed');
  t.regex(lines[0]!, / failed\n {4}Error: boom\n {4}at /);
});
