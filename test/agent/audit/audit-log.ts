import test from 'ava';
import { AuditLog } from '../../../agent/audit/audit-log.ts';
import { writeEntry } from '../../../agent/audit/entry.ts';
import { auditFiles } from '../../../agent/audit/files.ts';
import { loadHead } from '../../../agent/audit/head.ts';
import { verifyAudit } from '../../../agent/audit/verify.ts';
import { audit as limits } from '../../../protocol/limits.ts';
import { createCollectedLog } from '../../helpers/collected-log.ts';
import { createManualClock } from '../../helpers/manual-clock.ts';
import { memoryDisk, type MemoryDisk } from '../../helpers/memory-disk.ts';

const key = Buffer.alloc(32, 7);
const first = 'audit/00000001.log';

async function openLog(disk: MemoryDisk, sealed = true) {
  const clock = createManualClock();
  const audit = await AuditLog.open({ disk, clock, log: createCollectedLog().log });
  if (sealed) await audit.sealWith(key);
  return { audit, clock };
}

async function filled(entries: number): Promise<MemoryDisk> {
  const disk = memoryDisk();
  const { audit } = await openLog(disk);
  for (let at = 1; at <= entries; at++) audit.add({ type: 'test', message: `entry ${String(at)}` });
  await audit.close();
  return disk;
}

async function verdictOf(disk: MemoryDisk) {
  return (await verifyAudit(disk, await loadHead(disk, key))).broken;
}

function linesOf(disk: MemoryDisk): string[] {
  return String(disk.peek(first)).trimEnd().split('\n');
}

test('entries are durable, in order, and go on after a restart', async (t) => {
  const disk = await filled(3);
  const { audit } = await openLog(disk.afterPowerCut());
  audit.add({ type: 'more', message: 'entry 4', subject: 'x' });
  const messages: string[] = [];
  for await (const { message } of audit.entries(0)) messages.push(message);
  t.deepEqual(messages, ['entry 1', 'entry 2', 'entry 3', 'entry 4']);
  const { broken, ...counts } = await audit.verify();
  t.is(broken, undefined);
  t.deepEqual(counts, { entries: 4, first: 1, last: 4, sealed: 3 });
});

test('a changed, moved, doubled or missing line is found, wherever it is, and named', async (t) => {
  const count = 12;
  const whole = await filled(count);
  t.is(await verdictOf(whole), undefined);
  for (let at = 0; at < count; at++) {
    const damages: [string, (lines: string[]) => void, number][] = [
      [
        'changed',
        (lines) => (lines[at] = lines[at]!.replace('"message":"entry', '"message":"other')),
        at + 1,
      ],
      ['hash changed', (lines) => (lines[at] = lines[at]!.replace(/.(?="\}$)/, 'x')), at + 1],
      ['taken away', (lines) => lines.splice(at, 1), at + 1],
      ['doubled', (lines) => lines.splice(at, 0, lines[at]!), at === 0 ? 2 : at + 2],
      ['cut from here', (lines) => lines.splice(at), at + 1],
      ['something added', (lines) => lines.splice(at, 0, 'nonsense'), at + 1],
    ];
    if (at > 0) {
      damages.push([
        'moved',
        (lines) => ([lines[at - 1], lines[at]] = [lines[at]!, lines[at - 1]!]),
        at,
      ]);
    }
    for (const [what, damage, sequence] of damages) {
      const disk = whole.afterPowerCut();
      const lines = linesOf(disk);
      damage(lines);
      disk.poke(first, Buffer.from(lines.map((line) => `${line}\n`).join('')));
      const broken = await verdictOf(disk);
      t.is(
        broken?.sequence,
        sequence,
        `${what} at line ${String(at + 1)}: ${String(broken?.reason)}`,
      );
      t.is(broken?.file, first);
    }
  }
});

test('a log that was written anew with right hashes does not fit its seal', async (t) => {
  const disk = await filled(5);
  let previous = '0'.repeat(64);
  let text = '';
  for (let sequence = 1; sequence <= 5; sequence++) {
    const entry = {
      type: 'test',
      message: sequence === 2 ? 'innocent' : `entry ${String(sequence)}`,
    };
    const made = writeEntry(entry, { sequence, time: new Date(0).toISOString(), previous });
    previous = made.hash;
    text += `${made.line}\n`;
  }
  disk.poke(first, Buffer.from(text));
  t.regex((await verdictOf(disk))?.reason ?? '', /not the entry that was sealed/);
  const { audit } = await openLog(disk);
  audit.add({ type: 'test', message: 'later' });
  const types: string[] = [];
  for await (const { type } of audit.entries(0)) types.push(type);
  t.true(types.includes('audit-damaged'), 'the next entry says that it was changed');
});

test('a seal of somebody else, and a changed one, are told', async (t) => {
  const disk = await filled(2);
  const { audit } = await openLog(disk, false);
  await audit.sealWith(Buffer.alloc(32, 8));
  t.regex((await audit.verify()).broken?.reason ?? '', /not sealed by this device/);
});

test('the end that a crash tore is not an end of the log, and is told', async (t) => {
  const disk = await filled(3);
  disk.poke(first, Buffer.concat([disk.peek(first)!, Buffer.from('{"sequence":4,"ti')]));
  const { audit } = await openLog(disk);
  audit.add({ type: 'test', message: 'goes on' });
  const rows: string[] = [];
  for await (const { sequence, type } of audit.entries(0)) rows.push(`${String(sequence)} ${type}`);
  t.deepEqual(rows.slice(3), ['4 audit-damaged', '5 test']);
  t.is((await audit.verify()).broken, undefined);
  t.deepEqual(await auditFiles(disk), [first, 'audit/00000002.log'], 'nothing was overwritten');
});

test('it is bounded: full files are left, the oldest go, and the chain goes on', async (t) => {
  const disk = memoryDisk();
  const { audit } = await openLog(disk);
  const text = 'x'.repeat(300);
  const long = { message: text, a: text, b: text, c: text, d: text };
  const perFile = Math.floor(limits.fileBytesMax / 1750);
  for (let at = 0; at < perFile * (limits.filesMax + 2); at++) {
    audit.add({ type: 'test', ...long });
    if (at % 200 === 0) await audit.settled();
  }
  await audit.close();
  const files = await auditFiles(disk);
  t.is(files.length, limits.filesMax);
  let bytes = 0;
  for (const file of files) bytes += (await disk.sizeOf(file)) ?? 0;
  t.true(bytes <= limits.fileBytesMax * limits.filesMax);
  const { audit: again } = await openLog(disk);
  const { broken, first: kept } = await again.verify();
  t.is(broken, undefined);
  t.true(kept > 1);
  await disk.remove(files[0]!);
  t.regex((await verdictOf(disk))?.reason ?? '', /does not begin with entry/);
});

test('a disk that takes nothing holds nobody up; what waited is written later, or counted', async (t) => {
  const disk = memoryDisk();
  const { audit, clock } = await openLog(disk);
  disk.failing = 'sync';
  const extra = 10;
  for (let at = 0; at < limits.waitingMax + extra; at++) audit.add({ type: 'test', message: 'm' });
  await audit.verify();
  disk.failing = undefined;
  clock.advance(30_000);
  const types: string[] = [];
  for await (const { type } of audit.entries(0)) types.push(type);
  t.is(types.filter((type) => type === 'audit-lost').length, 1);
  t.is(types.filter((type) => type === 'test').length, limits.waitingMax);
});

test('an entry that is far too long says so instead', async (t) => {
  const disk = memoryDisk();
  const { audit } = await openLog(disk);
  audit.add({ type: 'test', message: 'm', subjects: Array.from({ length: 999 }, () => 'long') });
  await audit.close();
  t.regex(linesOf(disk)[0]!, /too long to be kept/);
});

test('who follows hears of an entry when it is durable', async (t) => {
  const disk = memoryDisk();
  const { audit } = await openLog(disk);
  const heard: string[] = [];
  const stop = audit.onEntry(({ message }) => heard.push(message));
  audit.add({ type: 'test', message: 'one' });
  t.deepEqual(heard, []);
  await audit.verify();
  t.deepEqual(heard, ['one']);
  stop();
  audit.add({ type: 'test', message: 'two' });
  await audit.verify();
  t.deepEqual(heard, ['one']);
});
