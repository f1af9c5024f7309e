/**
 * Which epoch a writer uses: the newest, and among concurrent ones the one that is sealed to no
 * device that lost its right to read, then the one that the most readers can open.
 */
import { idFromBytes, idToBytes, type DeviceId, type EpochId } from '../../protocol/ids.ts';
import type { Epoch, Statement } from '../../protocol/messages/statement.ts';
import { capabilities, noEpoch, type Member } from './membership.ts';

export type EpochStatement = Statement & { readonly kind: Epoch };

/** Both with each statement after what it names. */
export interface Said {
  /** Everything, by whomever. */
  readonly ordered: readonly Statement[];
  /** What the owner and the admins said that counts. */
  readonly counted: readonly Statement[];
}

export function chooseEpoch(said: Said, members: ReadonlyMap<DeviceId, Member>): EpochId {
  const epochs = epochsOf(said.counted);
  const depths = epochDepths(epochs);
  const recipients = epochRecipients(said);
  const [best] = leavesOf(epochs)
    .map((epoch) => {
      const id = epochIdOf(epoch);
      const devices = recipients.get(id) ?? new Set();
      return {
        id,
        tainted: [...devices].some((device) => !isReader(members.get(device))) ? 1 : 0,
        readers: [...devices].filter((device) => isReader(members.get(device))).length,
        depth: depths.get(id) ?? 0,
      };
    })
    .sort(
      (a, b) =>
        a.tainted - b.tainted ||
        b.readers - a.readers ||
        b.depth - a.depth ||
        (a.id < b.id ? -1 : 1),
    );
  return best?.id ?? noEpoch;
}

/** An epoch is named by the statement that opened it. */
export function epochIdOf(statement: Statement): EpochId {
  return idFromBytes('epoch', idToBytes(statement.id));
}

/** The epochs among statements, in their order. */
export function epochsOf(statements: readonly Statement[]): readonly EpochStatement[] {
  return statements.filter((one): one is EpochStatement => one.kind.type === 'epoch');
}

/** Those that are no other one's parent. */
export function leavesOf(epochs: readonly EpochStatement[]): readonly EpochStatement[] {
  const parents = new Set(epochs.flatMap(({ kind }) => kind.parents));
  return epochs.filter((epoch) => !parents.has(epochIdOf(epoch)));
}

export function isReader(member: Member | undefined): boolean {
  return member?.active === true && (member.capabilities & capabilities.receive) !== 0;
}

/** Parents that are not known, or come later, do not count: no statement can make a circle. */
function epochDepths(epochs: readonly EpochStatement[]): ReadonlyMap<EpochId, number> {
  const depths = new Map<EpochId, number>();
  for (const epoch of epochs) {
    const below = epoch.kind.parents.map((parent) => depths.get(parent) ?? 0);
    depths.set(epochIdOf(epoch), 1 + Math.max(0, ...below));
  }
  return depths;
}

/**
 * Who has each epoch that counts: those it was sealed to by itself and by grants since. An epoch opens its
 * parents too: who was granted one that does not count any more has what it stood on all the same.
 */
export function epochRecipients({
  ordered,
  counted,
}: Said): ReadonlyMap<EpochId, ReadonlySet<DeviceId>> {
  const recipients = new Map<EpochId, Set<DeviceId>>();
  for (const epoch of epochsOf(counted)) {
    const devices = epoch.kind.sealed.flatMap(({ recipient }) => recipient ?? []);
    recipients.set(epochIdOf(epoch), new Set(devices));
  }
  const parents = new Map(epochsOf(ordered).map((one) => [epochIdOf(one), one.kind.parents]));
  for (const { kind } of counted) {
    if (kind.type !== 'grant') continue;
    for (const { subject } of kind.epochs) {
      if (subject === undefined) continue;
      const opened = new Set([idFromBytes('epoch', idToBytes(subject))]);
      // The set grows while it is walked: what is added comes later.
      for (const epoch of opened) {
        const devices = recipients.get(epoch);
        if (devices !== undefined) devices.add(kind.certificate.device);
        else for (const parent of parents.get(epoch) ?? []) opened.add(parent);
      }
    }
  }
  return recipients;
}
