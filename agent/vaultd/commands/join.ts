/** `vaultd join`: reaches the issuer of a ticket, is admitted, and leaves a home that `start` runs. */
import { joinVault } from '../../assemble/join-vault.ts';
import { buildHome } from '../build-home.ts';
import type { CommandLine } from '../commands.ts';
import { chosenPassphrase } from '../passphrase.ts';
import { placesOf } from '../places.ts';
import { note, say } from '../say.ts';
import { readTicket } from '../read-ticket.ts';
import { onEndSignals } from '../watch-for-end.ts';
import { exitStatuses } from '../../../protocol/exit-status.ts';

export async function join(line: CommandLine): Promise<number> {
  const { home } = placesOf(line);
  const ticket = await readTicket(line);
  const passphrase = await chosenPassphrase(line);
  const interrupt = new AbortController();
  onEndSignals({
    first: () => {
      interrupt.abort();
    },
    second: () => process.exit(exitStatuses.cancelled),
  });
  const { vault, device } = await buildHome({
    home,
    name: line.name,
    build: (ports, config) =>
      joinVault(ports, {
        ticket,
        name: config.value('name'),
        passphrase,
        signal: interrupt.signal,
        onWaiting(fingerprint) {
          note('waiting for an admin to approve this device; both should see these words:');
          note(`  ${fingerprint.join(' ')}`);
        },
      }),
  });
  await say(`vault ${vault}\ndevice ${device}\nhome ${home}`);
  return 0;
}
