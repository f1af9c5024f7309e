/**
 * What a growth of the membership log changed, one event each, in words for people: for `vault events` and
 * the audit. Compared is what counts before and after, so that a statement without effect is no news.
 */
import { idToBytes, splitJournalId, type DeviceId } from '../../protocol/ids.ts';
import type { Statement } from '../../protocol/messages/statement.ts';
import { epochsOf } from '../members/current-epoch.ts';
import type { Evaluation } from '../members/evaluate.ts';
import { memberKeysOf } from '../members/key-health.ts';
import type { DeviceCutoff, Member } from '../members/membership.ts';

/** An event; `by`, where it is there, is a device or `owner`. */
export interface MemberNews {
  readonly type: string;
  readonly message: string;
  readonly subject?: string | undefined;
  readonly level?: 'info' | 'warning' | 'error' | undefined;
  readonly by?: string | undefined;
  readonly [field: string]: unknown;
}

type NameOf = (device: DeviceId) => string;

interface Change {
  readonly before: Evaluation;
  readonly after: Evaluation;
  readonly nameOf: NameOf;
}

export function memberNews(
  before: Evaluation,
  after: Evaluation,
  nameOf: NameOf,
): readonly MemberNews[] {
  const change = { before, after, nameOf };
  return [...ownerNews(change), ...deviceNews(change), ...keyNews(change), ...choiceNews(change)];
}

function ownerNews({ before, after }: Change): MemberNews[] {
  const news: MemberNews[] = [];
  const owner = after.membership.owner.toString('hex');
  if (owner !== before.membership.owner.toString('hex')) {
    news.push({
      type: 'owner-replaced',
      message: 'somebody with the recovery words named a new owner of the vault',
      subject: owner,
      level: 'warning',
    });
  }
  const known = new Set(before.membership.frozenIssuers);
  for (const issuer of after.membership.frozenIssuers) {
    if (known.has(issuer)) continue;
    const device = deviceOfKey(after, issuer);
    news.push({
      type: 'issuer-frozen',
      message:
        'a key signed two different statements with one number, as a cloned key does: what it says ' +
        'from there on does not count',
      subject: device ?? issuer,
      level: 'error',
    });
  }
  return news;
}

function deviceNews({ before, after, nameOf }: Change): MemberNews[] {
  const news: MemberNews[] = [];
  for (const [device, member] of after.membership.members) {
    const old = before.membership.members.get(device);
    const event = deviceEvent(nameOf(device), old, member);
    if (event !== undefined) {
      news.push({ ...event, subject: device, by: issuerOf(after, device, member) });
    }
    const line = after.membership.cutoffs.get(device);
    if (old?.active !== false || line === undefined || member.active) continue;
    if (isSameLine(before.membership.cutoffs.get(device), line)) continue;
    news.push({
      type: 'cutoff-moved',
      message: `what counts of what ${nameOf(device)} wrote was changed`,
      subject: device,
      level: 'warning',
    });
  }
  return news;
}

function deviceEvent(name: string, old: Member | undefined, now: Member): MemberNews | undefined {
  if (old?.active !== true && now.active) {
    const what = old === undefined ? 'was admitted' : 'was admitted again';
    return { type: 'member-added', message: `${name} ${what} as ${now.role}`, role: now.role };
  }
  if (old?.active === true && !now.active) {
    return { type: 'member-revoked', message: `${name} was sent away`, level: 'warning' };
  }
  if (old === undefined || old.role === now.role) return undefined;
  return {
    type: 'role-changed',
    message: `${name} is ${now.role} now, and was ${old.role}`,
    role: now.role,
  };
}

function keyNews({ before, after }: Change): MemberNews[] {
  const oldEpochs = new Set(epochsOf(before.counted).map(({ id }) => id));
  const oldKeys = new Set(memberKeysOf(before.counted).map(({ id }) => id));
  const epochs = epochsOf(after.counted).filter(({ id }) => !oldEpochs.has(id));
  const keys = memberKeysOf(after.counted).filter(({ id }) => !oldKeys.has(id));
  return [
    ...epochs.map((statement) => ({
      type: 'epoch-opened',
      message: 'a new epoch was opened: what is written from now on has new keys',
      subject: statement.id,
      by: deviceOfKey(after, statement.issuer) ?? 'owner',
    })),
    ...keys.map((statement) => ({
      type: 'member-key-renewed',
      message: `the member key has a new generation, ${String(statement.kind.generation)}`,
      subject: statement.id,
      by: deviceOfKey(after, statement.issuer) ?? 'owner',
    })),
  ];
}

function choiceNews({ before, after, nameOf }: Change): MemberNews[] {
  const news: MemberNews[] = [];
  for (const [journal, choices] of after.membership.choices) {
    const { device, incarnation } = splitJournalId(journal);
    for (const [sequence, hash] of choices) {
      if (before.membership.choices.get(journal)?.get(sequence) === hash) continue;
      news.push({
        type: 'branch-chosen',
        message: `a branch of a journal of ${nameOf(device)} was named, from batch ${String(sequence)} on`,
        subject: device,
        journal: `${device}/${incarnation}`,
        sequence,
      });
    }
  }
  return news;
}

/** Who signed the word that stands about a device: a device, or `owner`. */
function issuerOf(after: Evaluation, device: DeviceId, member: Member): string {
  const id = member.active ? member.grant : after.membership.cutoffs.get(device)?.statement;
  const statement = after.counted.find((each: Statement) => each.id === id);
  return (statement && deviceOfKey(after, statement.issuer)) ?? 'owner';
}

function deviceOfKey({ membership }: Evaluation, key: string): DeviceId | undefined {
  for (const { device, signKey } of membership.members.values()) {
    if (signKey.toString('hex') === key) return device;
  }
  return undefined;
}

function isSameLine(one: DeviceCutoff | undefined, other: DeviceCutoff): boolean {
  const textOf = (line: DeviceCutoff): string =>
    line.lastBatches
      .map(({ incarnation, hash }) => `${incarnation}${idToBytes(hash).toString('hex')}`)
      .sort()
      .join();
  return one !== undefined && textOf(one) === textOf(other);
}
