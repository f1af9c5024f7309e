/**
 * Address records that a newcomer was told together with the membership log: those that members have signed.
 * They suggest where to dial and no more, so that a wrong one is no reason not to join. Pure.
 */
import { isVaultError } from '../../protocol/errors.ts';
import type { DeviceId } from '../../protocol/ids.ts';
import { readAddressRecord } from '../../protocol/messages/address-record.ts';
import type { Membership } from '../members/membership.ts';
import { verifySignature } from '../members/sign-key.ts';

/** By device, the one of the highest counter; what no active member has signed is left out. */
export function membersRecords(
  { vault, members }: Pick<Membership, 'vault' | 'members'>,
  records: readonly Buffer[],
): ReadonlyMap<DeviceId, Buffer> {
  const found = new Map<DeviceId, { readonly counter: number; readonly bytes: Buffer }>();
  for (const bytes of records) {
    try {
      const { device, counter } = readAddressRecord(vault, bytes, (signer, signed, signature) => {
        const member = members.get(signer);
        return member?.active === true && verifySignature(member.signKey, signed, signature);
      });
      // As everywhere: of two with one counter the first stays.
      if ((found.get(device)?.counter ?? -1) < counter) found.set(device, { counter, bytes });
    } catch (error) {
      if (!isVaultError(error)) throw error;
    }
  }
  return new Map([...found].map(([device, { bytes }]) => [device, bytes]));
}
