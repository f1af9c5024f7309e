/** What happens below, in words for people: into the event log and, where it matters, the log. */
import type { CollectReport } from '../../protocol/control/retention-reports.ts';
import type { DeviceId, JournalId, StatementId } from '../../protocol/ids.ts';
import { splitJournalId } from '../../protocol/ids.ts';
import { formatBytes } from '../../protocol/text/format.ts';
import type { ApprovalRow } from '../../protocol/control/member-reports.ts';
import type { PeerEvents } from '../peer/peer.ts';
import type { Log } from '../ports.ts';
import type { StoreEvent } from '../store/store.ts';
import type { EventLog } from '../vault/event-log.ts';
import type { MemberNews } from '../vault/member-news.ts';

const storeMessages: Readonly<Record<StoreEvent['type'], string>> = {
  'tail-cut': 'the unfinished end of a file was cut after a crash',
  'record-quarantined': 'a damaged record was set aside',
  'index-failed': 'the index takes no changes at the moment; everything else goes on',
  'index-reopened': 'the index takes changes again',
  'index-rebuilt': 'the index was made anew from the segments and journals',
  'sync-failed': 'the disk did not take what was written',
  full: 'the disk is full: new writes are refused',
  'space-back': 'there is room again: writes are accepted',
};

const quietEvents = new Set<StoreEvent['type']>(['space-back', 'index-reopened', 'index-rebuilt']);

type MembersLogEvent = 'lost' | 'gaps' | 'found' | 'whole' | 'given-up';

const membersLogMessages: Readonly<Record<MembersLogEvent, (statements: number) => string>> = {
  lost: () => 'the list of members is damaged in both of its files: other devices are asked for it',
  gaps: (statements) =>
    `at least ${String(statements)} statements about members were lost: other devices send them again`,
  found: (statements) =>
    `the list of members came back from another device, with ${String(statements)} statements`,
  whole: () => 'what was lost of the list of members has come back',
  'given-up': (statements) =>
    `${String(statements)} statements about members were lost, and another device does not have them either`,
};

type BeginningEvent = 'copied' | 'found' | 'lost';

const beginningMessages: Readonly<Record<BeginningEvent, string>> = {
  copied: 'what the journals begin with came back from its other copy',
  found: 'what the journals begin with was found again from the log of members',
  lost: 'what the journals begin with is damaged in both of its files: it comes back with the pages of the state',
};

export interface Teller {
  store(event: StoreEvent): void;
  peerOnline(device: DeviceId, name: string, address: string): void;
  peerOffline(device: DeviceId, name: string, reason: string): void;
  refused(address: string, reason: string): void;
  misbehaved(device: DeviceId, name: string, reason: string): void;
  slowed(device: DeviceId, name: string): void;
  forked(journal: JournalId, sequence: number, name: string): void;
  reissued(journal: JournalId, ops: number): void;
  changed(author: DeviceId, name: string, batches: number): void;
  /** A note came, that this device may read. What it says stays in the vault. */
  note(author: DeviceId, name: string, note: { sealed: boolean; pinned: boolean }): void;
  received(device: DeviceId, name: string, arrived: { chunks: number; bytes: number }): void;
  /** Damaged chunks were replaced. */
  mended(chunks: number): void;
  /** A newcomer waits for an admin, or an admin has decided. */
  approval(row: ApprovalRow, what: 'wanted' | 'approved' | 'rejected'): void;
  /** The membership grew by this. */
  members(news: readonly MemberNews[]): void;
  refusedBatch(device: DeviceId, name: string, reason: string): void;
  /** Statements of the membership log were lost on the disk, or came back. */
  membersLog(what: MembersLogEvent, statements: number): void;
  /** Something was done with, or tried on, the keys of this device. */
  keys(type: string, message: string): void;
  /** Versions went for good. */
  forgotten(versions: number, bytes: number): void;
  /** Versions should have gone by the rules, by themselves, and did not. */
  forgettingFailed(reason: string): void;
  /** Something that was released stays here until others have acknowledged it. */
  spaceWaits(report: CollectReport): void;
  /** The batches that a checkpoint folds amount to something else here. */
  checkpointDiffers(checkpoint: StatementId): void;
  /** A file that says what the journals begin with could not be read. */
  beginning(what: BeginningEvent, file: string): void;
  /** Bodies of old batches went from the journals of this device. */
  folded(freedBytes: number): void;
  /** Space of what was released was given back here, or could not be. */
  collected(report: CollectReport): void;
}

export function tellEvents(events: EventLog, log: Log): Teller {
  const told = new Set<string>();
  return {
    store(event) {
      const quiet = quietEvents.has(event.type);
      const message = `${storeMessages[event.type]}: ${event.reason}`;
      log[quiet ? 'info' : 'warn'](
        { file: event.file, offset: event.offset, bytes: event.bytes },
        message,
      );
      events.add({
        type: `store-${event.type}`,
        message,
        subject: event.file,
        level: quiet ? 'info' : 'warning',
      });
    },
    peerOnline(device, name, address) {
      log.info({ device, address }, 'a device is connected');
      events.add({
        type: 'peer-online',
        message: `${name} is connected`,
        subject: device,
        address,
      });
    },
    peerOffline(device, name, reason) {
      log.info({ device, reason }, 'a device is gone');
      events.add({ type: 'peer-offline', message: `${name} is gone: ${reason}`, subject: device });
    },
    refused(address, reason) {
      log.warn({ address, reason }, 'a connection was refused');
      events.add({
        type: 'connection-refused',
        message: `a connection was refused: ${reason}`,
        subject: address,
        level: 'warning',
      });
    },
    misbehaved(device, name, reason) {
      events.add({
        type: 'peer-misbehaved',
        message: `${name} broke the rules: ${reason}`,
        subject: device,
        level: 'error',
      });
    },
    slowed(device, name) {
      log.warn({ device }, 'a device is slowed down');
      events.add({
        type: 'peer-slowed',
        message: `${name} sends more small messages than any device needs to: it is slowed down`,
        subject: device,
        level: 'warning',
      });
    },
    forked(journal, sequence, name) {
      const { device, incarnation } = splitJournalId(journal);
      // A proof and the branches themselves say the same.
      if (told.has(`${journal} ${String(sequence)}`)) return;
      told.add(`${journal} ${String(sequence)}`);
      log.error(
        { journal, sequence },
        'a journal is forked; only what came before the fork counts',
      );
      events.add({
        type: 'journal-forked',
        message:
          `${name} wrote two histories from batch ${String(sequence)} of a journal on, as after a restored ` +
          'or copied home: what follows is kept and hidden until vault journal choose names one',
        subject: device,
        journal: `${device}/${incarnation}`,
        sequence,
        level: 'error',
      });
    },
    reissued(journal, ops) {
      const { device, incarnation } = splitJournalId(journal);
      log.warn({ journal, ops }, 'what only a hidden branch of this device said was issued again');
      events.add({
        type: 'journal-reissued',
        message: `${String(ops)} changes of a hidden branch of this device were issued again`,
        subject: device,
        journal: `${device}/${incarnation}`,
        level: 'warning',
      });
    },
    changed(author, name, batches) {
      events.add({
        type: 'changes-arrived',
        message: `${name} changed something`,
        subject: author,
        batches,
      });
    },
    note(author, name, { sealed, pinned }) {
      const what = sealed ? 'a note for this device' : pinned ? 'a note about a path' : 'a note';
      events.add({
        type: 'note',
        message: `${what} came from ${name}: vault notes`,
        subject: author,
      });
    },
    received(device, name, { chunks, bytes }) {
      events.add({
        type: 'chunks-arrived',
        message: `${String(chunks)} chunks came from ${name}`,
        subject: device,
        chunks,
        bytes,
      });
    },
    mended(chunks) {
      log.info({ chunks }, 'damaged chunks were replaced by good copies');
      events.add({
        type: 'chunks-mended',
        message: `${String(chunks)} damaged chunks were replaced by good copies`,
        chunks,
      });
    },
    refusedBatch(device, name, reason) {
      events.add({
        type: 'change-refused',
        message: `a change that ${name} sent was refused: ${reason}`,
        subject: device,
        level: 'warning',
      });
    },
    approval({ deviceId, name, role, address, fingerprint }, what) {
      const messages = {
        wanted: `${name} wants to join as ${role} and waits: vault approve`,
        approved: `${name} was confirmed as ${role}`,
        rejected: `${name} was turned down`,
      };
      log.info({ device: deviceId, role, address, what }, 'a newcomer and an admin');
      events.add({
        type: `approval-${what}`,
        message: messages[what],
        subject: deviceId,
        level: what === 'wanted' ? 'warning' : 'info',
        ...{ role, address, fingerprint },
      });
    },
    members(news) {
      for (const event of news) {
        log[event.level === undefined || event.level === 'info' ? 'info' : 'warn'](
          { type: event.type, subject: event.subject },
          event.message,
        );
        events.add(event);
      }
    },
    membersLog(what, statements) {
      const message = membersLogMessages[what](statements);
      const isGood = what === 'found' || what === 'whole';
      log[isGood ? 'info' : 'warn']({ statements }, message);
      events.add({ type: `members-log-${what}`, message, level: isGood ? 'info' : 'warning' });
    },
    keys(type, message) {
      log.warn({ type }, message);
      events.add({ type, message, level: 'warning' });
    },
    forgotten(versions, bytes) {
      log.info({ versions, bytes }, 'old versions were released');
      events.add({
        type: 'versions-forgotten',
        message:
          versions === 0
            ? 'what folding left was let go'
            : `${String(versions)} old versions went by the rules of retention`,
        versions,
        bytes,
      });
    },
    forgettingFailed(reason) {
      events.add({
        type: 'forgetting-failed',
        message: `old versions did not go by the rules of retention: ${reason}`,
        level: 'warning',
      });
    },
    spaceWaits({ waitingChunks: chunks, waitingBytes: bytes, waitsFor }) {
      const names = waitsFor.map(({ name }) => name).join(', ');
      log.info({ chunks, bytes, names }, 'released chunks wait');
      events.add({
        type: 'space-waits',
        message: `${formatBytes(bytes)} of what was let go wait until these have agreed: ${names}`,
        subject: waitsFor[0]?.deviceId,
        chunks,
        bytes,
      });
    },
    checkpointDiffers(checkpoint) {
      log.error({ checkpoint }, 'a checkpoint names another state than this device makes');
      events.add({
        type: 'checkpoint-differs',
        message: `the changes that checkpoint ${checkpoint.slice(0, 8)} folds amount to something else on this device: nothing is folded`,
        subject: checkpoint,
        level: 'error',
      });
    },
    beginning(what, file) {
      const message = beginningMessages[what];
      log.warn({ file }, message);
      events.add({ type: `beginning-${what}`, message, subject: file, level: 'warning' });
    },
    folded(freedBytes) {
      log.info({ freedBytes }, 'old history was folded here');
      events.add({
        type: 'history-folded',
        message: `old history was folded: the journals have ${String(freedBytes)} bytes less`,
        freedBytes,
        level: 'info',
      });
    },
    collected({ chunks, bytes, freedBytes, copiedBytes, stopped }) {
      const level = stopped === null ? 'info' : 'warning';
      log[stopped === null ? 'info' : 'warn'](
        { chunks, bytes, freedBytes, copiedBytes, stopped },
        'space of released chunks was collected',
      );
      const message =
        stopped === null
          ? `${String(chunks)} released chunks were dropped, ${String(freedBytes)} bytes of files given back`
          : `giving space back stopped: ${stopped}`;
      events.add({
        type: 'space-collected',
        message,
        chunks,
        bytes,
        freedBytes,
        copiedBytes,
        level,
      });
    },
  };
}

/** What is to be told of connections that are not as they should be. */
export function peerTrouble(
  tell: Teller,
  nameOf: (device: DeviceId) => string,
): Pick<Required<PeerEvents>, 'onRefused' | 'onMisbehaviour' | 'onSlowed'> {
  return {
    onRefused(address, reason) {
      tell.refused(address, reason);
    },
    onMisbehaviour(device, reason) {
      tell.misbehaved(device, nameOf(device), reason);
    },
    onSlowed(device) {
      tell.slowed(device, nameOf(device));
    },
  };
}
