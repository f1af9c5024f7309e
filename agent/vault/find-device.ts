/** A device as a person names it. */
import { VaultError } from '../../protocol/errors.ts';
import type { DeviceId } from '../../protocol/ids.ts';
import type { MembersService } from './members-service.ts';

/**
 * By its id, the beginning of its id, or its name; a whole id or name wins over a beginning.
 * @throws VaultError `not-found`, `conflict` when several match
 */
export function findDevice(
  members: Pick<MembersService, 'current' | 'nameOf'>,
  text: string,
): DeviceId {
  const all = [...members.current().members.values()];
  const lower = text.toLowerCase();
  const named = all.filter(({ device }) => device === lower || members.nameOf(device) === text);
  // Of several with one name, the one that is still there is meant.
  const active = named.filter((member) => member.active);
  const exact = active.length === 1 ? active : named;
  const found = exact.length > 0 || lower === '' ? exact : all.filter(startsWith(lower));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only.device;
  const ids = found.map(({ device }) => device.slice(0, 8)).join(', ');
  throw new VaultError(found.length === 0 ? 'not-found' : 'conflict', {
    op: 'members.find',
    subject: text,
    detail: found.length === 0 ? 'no device has this id or name' : `several devices match: ${ids}`,
    next: 'vault members lists all devices',
  });
}

function startsWith(text: string): (member: { readonly device: DeviceId }) => boolean {
  return ({ device }) => device.startsWith(text);
}
