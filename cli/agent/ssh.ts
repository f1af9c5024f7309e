/** The connection to the agent of another machine, through ssh and `vault relay` over there. */
import { spawn } from 'node:child_process';
import { openRelay, relayCommand } from '../../protocol/control/relay.ts';
import type { RelayPlace } from '../../protocol/control/relay.ts';
import { rpcClock } from './connect.ts';
import type { AgentConnection } from './connect.ts';

/**
 * @throws VaultError `usage`, `peer-unreachable`, `no-agent`, `denied`, `cancelled`
 */
export async function connectThroughSsh(
  place: RelayPlace,
  signal: AbortSignal,
): Promise<AgentConnection> {
  const { program, args } = relayCommand(place, process.env['VAULT_RSH']);
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const { session } = await openRelay(child, place.host, { clock: rpcClock, signal });
  return {
    client: session.client({ signal }),
    close() {
      session.close();
    },
  };
}
