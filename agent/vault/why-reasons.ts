/**
 * Why something is not everywhere, in words that name the device and the next step. Each reason is one
 * rule over the facts; none of them asks anybody. Pure.
 */
import type { Health, Reason, Role } from '../../protocol/control/reports.ts';
import type { DeviceId } from '../../protocol/ids.ts';
import { store as storeLimits } from '../../protocol/limits.ts';
import { formatBytes, formatCount } from '../../protocol/text/format.ts';
import { shellWord } from '../../protocol/text/shell-word.ts';
import { formatTime } from './format-time.ts';
import type { DeviceFacts } from './why-devices.ts';
import { journalReasons, keyReasons, memberReasons, type WhyMembers } from './why-members.ts';
import { gravities, type Weighed } from './why-weighed.ts';

export type { StoppedJournal } from './why-members.ts';

export interface WhyFacts extends WhyMembers {
  /** As a person writes it. */
  readonly path: string;
  readonly nowMs: number;
  readonly isFile: boolean;
  /** Of the name, on this device: something has it, something had it, or nothing that is known ever did. */
  readonly standing: 'present' | 'gone' | 'unknown';
  readonly devices: readonly DeviceFacts[];
  /** What is not on this device. */
  readonly missing: {
    readonly chunks: number;
    /** Sealed. */
    readonly bytes: number;
    /** Copies that were here and turned out to be bad. */
    readonly damaged: number;
    /** Files whose list of chunks is not here. */
    readonly filesUnknown: number;
    /** Who should have it. */
    readonly holders: ReadonlySet<DeviceId>;
  };
  /** Sealed bytes of everything that this device waits for. */
  readonly queuedBytes: number;
  readonly conflicts: number;
  /** The disk of this device is full. */
  readonly full: boolean;
  /** Batches that others have and this device has not, per author. */
  readonly behind: readonly BehindRow[];
  /** What happened to programs in the mount of this device. */
  readonly mount: MountFacts;
}

export interface MountFacts {
  /** Operations on it that have no answer yet, and how long the first one has waited. */
  readonly waiting: number;
  readonly longestMs: number;
  /** The last time that one failed. */
  readonly failure:
    | {
        readonly time: string;
        readonly message: string;
        readonly next: string | null;
      }
    | undefined;
}

export interface BehindRow {
  /** Who wrote them. */
  readonly author: string;
  readonly batches: number;
  /** Devices that have them. */
  readonly from: readonly DeviceId[];
}

const mayWrite: ReadonlySet<Role> = new Set<Role>(['writer', 'admin']);

/** The worst first, and how bad it is. */
export function explain(facts: WhyFacts): { readonly health: Health; readonly reasons: Reason[] } {
  const all = [
    ...conflictReasons(facts),
    ...memberReasons(facts),
    ...keyReasons(facts),
    ...missingReasons(facts),
    ...mountReasons(facts),
    ...journalReasons(facts),
    ...behindReasons(facts),
    ...(facts.standing === 'present' ? otherDevices(facts) : []),
    ...(facts.standing === 'unknown' ? unheardDevices(facts) : []),
  ];
  const sorted = gravities.flatMap((gravity) => all.filter((each) => each.gravity === gravity));
  return {
    health: sorted[0]?.gravity ?? 'ok',
    reasons: sorted.map(({ gravity: _, ...reason }) => reason),
  };
}

function conflictReasons({ conflicts, path, isFile }: WhyFacts): readonly Weighed[] {
  if (conflicts === 0) return [];
  const message = isFile
    ? 'it was changed on several devices at once: several versions want this name'
    : `${formatCount(conflicts, 'name')} in it ${conflicts === 1 ? 'is' : 'are'} in conflict`;
  const next = `vault conflicts ${shellWord(path)} lists the versions, vault resolve settles it`;
  return [{ code: 'conflict', gravity: 'attention', message, next }];
}

/** What is not on this device, and what it would take to get it. */
function missingReasons(facts: WhyFacts): readonly Weighed[] {
  const { missing, full } = facts;
  if (missing.chunks === 0 && missing.filesUnknown === 0) return [];
  return [
    ...(full ? [diskFull(facts)] : []),
    ...(missing.damaged > 0 ? [damaged(facts)] : []),
    ...fetching(facts),
  ];
}

function diskFull({ devices }: WhyFacts): Weighed {
  const self = devices.find((device) => device.self)?.name ?? 'this device';
  return {
    code: 'disk-full',
    gravity: 'attention',
    message: `the disk of ${self} is full: nothing more is kept here`,
    subject: devices.find((device) => device.self)?.device,
    next: 'free some space; fetching goes on by itself then',
  };
}

function damaged({ missing, path }: WhyFacts): Weighed {
  const copies = formatCount(missing.damaged, 'damaged chunk');
  return {
    code: 'damaged',
    gravity: 'attention',
    message: `${copies} of it ${missing.damaged === 1 ? 'was' : 'were'} set aside here`,
    next: `check the disk of this device; vault cat ${shellWord(path)} gets a good copy from another device`,
  };
}

function fetching(facts: WhyFacts): readonly Weighed[] {
  const { devices, missing } = facts;
  const holders = devices.filter(({ device }) => missing.holders.has(device));
  const online = holders.filter((device) => device.online);
  const amount = amountOf(missing);
  if (holders.length === 0) {
    const message = `${amount}, and no device of the vault is known to have it`;
    const next = 'the device that wrote it has to come back: vault members shows who there is';
    return [{ code: 'chunks-nowhere', gravity: 'attention', message, next }];
  }
  if (online.length === 0) {
    return holders.map((holder) => ({
      code: 'holder-offline',
      gravity: 'attention',
      message: `${amount}; ${holder.name} should have it and is ${offlineText(holder, facts)}`,
      subject: holder.device,
      next: `start the agent of ${holder.name}; it is tried again by itself`,
    }));
  }
  const running = online.filter(({ inRate }) => inRate > 0);
  return running.length > 0
    ? [transferRunning(facts, running, amount)]
    : [transferWaiting(facts, online, amount)];
}

function transferRunning(facts: WhyFacts, from: readonly DeviceFacts[], amount: string): Weighed {
  const rate = from.reduce((sum, { inRate }) => sum + inRate, 0);
  const waiting = Math.max(facts.queuedBytes, facts.missing.bytes);
  return {
    code: 'transfer-running',
    gravity: facts.full ? 'attention' : 'working',
    message: `${amount}: it comes from ${namesOf(from)} at ${formatBytes(rate)}/s, with everything else that is missing here (${formatBytes(waiting)})`,
    subject: from[0]?.device,
    next: 'wait, or vault transfers to watch it',
    secondsLeft: Math.ceil(waiting / rate),
  };
}

function transferWaiting(facts: WhyFacts, from: readonly DeviceFacts[], amount: string): Weighed {
  return {
    code: 'transfer-waiting',
    gravity: facts.full ? 'attention' : 'working',
    message: `${amount}; ${namesOf(from)} should have it and is online, but nothing comes at the moment`,
    subject: from[0]?.device,
    next: facts.full
      ? 'it comes when there is space on this device'
      : 'vault transfers and vault events say what happens; it is asked for again by itself',
  };
}

/** Only what still stands in the way counts; what failed once and is there now is told all the same. */
function mountReasons({ mount, missing }: WhyFacts): readonly Weighed[] {
  const { waiting, longestMs, failure } = mount;
  const isHere = missing.chunks === 0 && missing.filesUnknown === 0;
  const reasons: Weighed[] = [];
  if (waiting > 0) {
    const what = `${formatCount(waiting, 'operation')} in the mount ${waiting === 1 ? 'waits' : 'wait'} for it`;
    reasons.push({
      code: 'mount-waiting',
      gravity: 'working',
      message: `${what}, the first for ${String(Math.round(longestMs / 1000))} s`,
      next: 'wait, or interrupt the program; .vault/trace in the mount shows which it is',
    });
  }
  if (failure !== undefined) {
    reasons.push({
      code: 'mount-error',
      gravity: isHere ? 'ok' : 'attention',
      message: `a program in the mount got an error at ${failure.time}: ${failure.message}`,
      next: isHere ? 'it is here now: try again' : (failure.next ?? 'see the log of the agent'),
    });
  }
  return reasons;
}

/** Changes that others have and this device has not: the path may look different there. */
function behindReasons({ behind, devices }: WhyFacts): readonly Weighed[] {
  return behind.map(({ author, batches, from }): Weighed => {
    const having = devices.filter(({ device }) => from.includes(device));
    const online = having.filter((device) => device.online);
    const what = `${formatCount(batches, 'batch', 'batches')} of changes by ${author} are on ${namesOf(having)} and not here`;
    return online.length > 0
      ? { code: 'fetching-ops', gravity: 'working', message: `${what} yet`, next: 'wait a moment' }
      : {
          code: 'ops-offline',
          gravity: 'attention',
          message: `${what}: it is offline`,
          subject: having[0]?.device,
          next: `start the agent of ${namesOf(having)}`,
        };
  });
}

/** What may have made something of a name that was never heard of here. */
function unheardDevices(facts: WhyFacts): readonly Weighed[] {
  const writers = facts.devices.filter(({ self, role }) => !self && mayWrite.has(role));
  return writers
    .filter(({ online }) => !online)
    .map((device) => ({
      code: 'peer-offline',
      gravity: 'ok',
      message: `${device.name} is ${offlineText(device, facts)}: what it has done since is not known here`,
      subject: device.device,
      next: `start the agent of ${device.name}, if the name should be there`,
    }));
}

/** Who else lacks it. Devices that are well say nothing. */
function otherDevices(facts: WhyFacts): readonly Weighed[] {
  const others = facts.devices.filter((device) => !device.self);
  const lacking = others.flatMap((device) => lackOf(device, facts));
  const hereWhole = facts.devices.some((device) => device.self && device.holds === true);
  const copies = others.filter(({ holds }) => holds === true);
  if (!hereWhole || copies.length > 0) return lacking;
  const message =
    others.length === 0
      ? 'this is the only device: there is no second copy'
      : 'this device has the only copy that is known';
  const next =
    others.length === 0
      ? 'vault invite makes a ticket for another device'
      : 'keep this device running until another one has it';
  return [{ code: 'only-copy', gravity: 'attention', message, next }, ...lacking];
}

function lackOf(device: DeviceFacts, facts: WhyFacts): readonly Weighed[] {
  const { name, seen, holds } = device;
  if (seen === true && holds === true) return [];
  const subject = device.device;
  if (!device.online) {
    const what = unseenText(device);
    const gravity = facts.devices.some((other) => !other.self && other.holds === true)
      ? 'working'
      : 'attention';
    const message = `${name} ${what}; it is ${offlineText(device, facts)}`;
    const next = `start the agent of ${name}, or unlock it there when it is locked; it catches up by itself`;
    return [{ code: 'peer-offline', gravity, message, subject, next }];
  }
  if (isFull(device)) {
    const left = formatBytes(device.freeBytes ?? 0);
    const message = `${name} ${unseenText(device)}: its disk has no room for it (${left} left)`;
    const next = `free some space on ${name}`;
    return [{ code: 'peer-full', gravity: 'attention', message, subject, next }];
  }
  const rate = device.outRate > 0 ? ` (${formatBytes(device.outRate)}/s go to it)` : '';
  const message = `${name} ${unseenText(device)}; it is online${rate}`;
  const next = device.outRate > 0 ? 'wait, or vault transfers to watch it' : 'wait a moment';
  return [{ code: 'peer-behind', gravity: 'working', message, subject, next }];
}

function isFull({ freeBytes }: DeviceFacts): boolean {
  return freeBytes !== undefined && freeBytes < storeLimits.freeBytesMin;
}

function unseenText({ seen, holds }: DeviceFacts): string {
  if (seen === false) return 'has not seen this version yet';
  if (seen === undefined) return 'has not told this device yet whether it has this version';
  if (holds === false) return 'knows this version and does not hold everything up to it yet';
  return 'knows this version and has not told this device yet whether it holds the content';
}

function offlineText({ lastSeenMs, lastError }: DeviceFacts, { nowMs }: WhyFacts): string {
  const why = lastError === undefined ? '' : ` (${lastError})`;
  if (lastSeenMs === undefined) return `offline; it was never connected to this device${why}`;
  return `offline since ${formatTime(lastSeenMs)}, ${agoText(nowMs - lastSeenMs)}${why}`;
}

function agoText(elapsedMs: number): string {
  const minutes = Math.max(0, Math.floor(elapsedMs / 60_000));
  if (minutes < 1) return 'less than a minute ago';
  if (minutes < 120) return `${formatCount(minutes, 'minute')} ago`;
  if (minutes < 48 * 60) return `${formatCount(Math.floor(minutes / 60), 'hour')} ago`;
  return `${formatCount(Math.floor(minutes / (24 * 60)), 'day')} ago`;
}

function amountOf({ chunks, bytes, filesUnknown }: WhyFacts['missing']): string {
  const known = chunks > 0 ? `${formatCount(chunks, 'chunk')} (${formatBytes(bytes)})` : '';
  const unknown = filesUnknown > 0 ? `more of ${formatCount(filesUnknown, 'file')}` : '';
  return `${[known, unknown].filter((part) => part !== '').join(' and ')} missing here`;
}

function namesOf(devices: readonly DeviceFacts[]): string {
  return devices.map(({ name }) => name).join(', ');
}
