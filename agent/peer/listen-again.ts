/**
 * Listening on a port that the system chooses: once, and then the same again as long as it is free. Others
 * know the address of the last time, and two devices that both came back at another port, on a machine or
 * network where no beacon is heard, would have nobody to tell them.
 */
import { isVaultError } from '../../protocol/errors.ts';
import { splitAddress } from '../../protocol/messages/address.ts';
import type { ByteStream, Listener, Network } from '../ports.ts';

export interface ListenChoice {
  /** `host:port` as it is set; port 0 leaves the choice. */
  readonly listen: string;
  /** `host:port` of the last time. */
  readonly last: string | undefined;
}

/** @throws VaultError `port-in-use` for a port that was set; `config-invalid`, `denied` */
export async function listenAgain(
  network: Pick<Network, 'listen'>,
  { listen, last }: ListenChoice,
  onStream: (stream: ByteStream) => void,
): Promise<Listener> {
  const [, host] = /^(.*):0$/.exec(listen) ?? [];
  if (host !== undefined && last !== undefined) {
    try {
      return await network.listen(`${host}:${String(splitAddress(last).port)}`, onStream);
    } catch (error) {
      // Somebody else has it now. Anything else shows again at the next attempt.
      if (!isVaultError(error)) throw error;
    }
  }
  return network.listen(listen, onStream);
}
