import test from 'ava';
import { HoldingsTable } from '../../../agent/replication/holdings.ts';
import { idFromBytes, journalId, type DeviceId, type JournalId } from '../../../protocol/ids.ts';

function deviceOf(number: number): DeviceId {
  return idFromBytes('device', Buffer.alloc(16, number));
}

function journalOf(number: number): JournalId {
  return journalId(deviceOf(number), idFromBytes('incarnation', Buffer.alloc(8, 1)));
}

const writer = journalOf(1);
const reader = journalOf(2);
const nothing = (): number => 0;

function said(table: HoldingsTable, device: number, journal: JournalId, sequence: number): void {
  const applied = new Map([[journal, sequence]]);
  table.merge(deviceOf(device), { applied, complete: new Map(), freeBytes: 0 });
}

test('behind is the furthest that anybody has, less what is here', (t) => {
  const table = new HoldingsTable();
  said(table, 1, writer, 5);
  said(table, 2, writer, 7);
  t.is(
    table.behind(nothing, () => true),
    7,
  );
  t.is(
    table.behind(
      () => 4,
      () => true,
    ),
    3,
  );
});

test('what a device says about a journal that is not taken in does not count', (t) => {
  const table = new HoldingsTable();
  said(table, 2, reader, 1);
  said(table, 2, writer, 2);
  t.is(
    table.behind(nothing, (journal) => journal !== reader),
    2,
  );
});

test('what a device said that broke the protocol is forgotten', (t) => {
  const table = new HoldingsTable();
  said(table, 1, writer, 2);
  said(table, 2, writer, 1_000_000);
  table.forget(deviceOf(2));
  t.is(
    table.behind(nothing, () => true),
    2,
  );
  t.is(table.appliedBy(deviceOf(2), writer), 0);
});
