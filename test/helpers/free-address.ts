/**
 * An address that nobody listens on now, for a device that keeps it over its restarts. It lies below the
 * ports that the kernel gives away: one of those can become another test's while the device is down.
 */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const portMin = 10_000;

export async function freeAddress(): Promise<string> {
  const server = createServer();
  for (;;) {
    const port = randomInt(portMin, firstPortOfKernel());
    server.listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    return `127.0.0.1:${String(port)}`;
  }
}

function firstPortOfKernel(): number {
  try {
    const range = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
    return Math.max(Number.parseInt(range, 10), portMin + 1000);
  } catch {
    return 49_152; // the dynamic ports of RFC 6335, section 6
  }
}
