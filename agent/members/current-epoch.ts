/**
 * Which epoch a writer uses: the newest, and among concurrent ones the one that is sealed to no
 * device that lost its right to read, then the one that the most readers can open.
 */
import { idFromBytes, idToBytes, type DeviceId, type EpochId } from '../../protocol/ids.ts';
import type { Epoch, Statement } from '../../protocol/messages/statement.ts';
import { capabilities, noEpoch, type Member } from './membership.ts';

export type EpochStatement = Statement & { readonly kind: Epoch };

/**
 * @param counted statements of the owner and of admins that count, each after what it names
 */
export function chooseEpoch(
  counted: readonly Statement[],
  members: ReadonlyMap<DeviceId, Member>,
): EpochId {
  const epochs = epochsOf(counted);
  const depths = epochDepths(epochs);
  const recipients = epochRecipients(counted);
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

/** Every epoch that counts, each after its parents. */
export function epochsOf(counted: readonly Statement[]): readonly EpochStatement[] {
  return counted.filter((one): one is EpochStatement => one.kind.type === 'epoch');
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

/** To whom each epoch was sealed: by itself, and by grants since. */
export function epochRecipients(
  counted: readonly Statement[],
): ReadonlyMap<EpochId, ReadonlySet<DeviceId>> {
  const recipients = new Map<EpochId, Set<DeviceId>>();
  for (const epoch of epochsOf(counted)) {
    const devices = epoch.kind.sealed.flatMap(({ recipient }) => recipient ?? []);
    recipients.set(epochIdOf(epoch), new Set(devices));
  }
  for (const { kind } of counted) {
    if (kind.type !== 'grant') continue;
    for (const { subject } of kind.epochs) {
      if (subject === undefined) continue;
      recipients.get(idFromBytes('epoch', idToBytes(subject)))?.add(kind.certificate.device);
    }
  }
  return recipients;
}
