/** Wrapping keys with a passphrase, on the work pool: half a second is too long for the loop. */
import type { IdentityWrap } from '../members/identity-file.ts';
import { KeySafe } from '../members/key-safe.ts';
import type { Stretch } from '../members/passphrase.ts';
import type { Secret } from '../members/secret.ts';
import type { Ports, WorkPool } from '../ports.ts';

export function stretchOn(work: WorkPool): Stretch {
  return (input) => work.run('stretch', input);
}

/** undefined: the keys are written in the clear. */
export function identityWrap(
  { random, work }: Pick<Ports, 'random' | 'work'>,
  passphrase: Secret | undefined,
): IdentityWrap | undefined {
  return passphrase === undefined ? undefined : { passphrase, random, stretch: stretchOn(work) };
}

export function createKeySafe(ports: Pick<Ports, 'disk' | 'clock' | 'random' | 'work'>): KeySafe {
  const { disk, clock, random, work } = ports;
  return new KeySafe({ disk, clock, random, stretch: stretchOn(work) });
}
