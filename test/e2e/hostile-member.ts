/**
 * A member that is hostile, at a real agent: what the agent holds of it, measured in the agent's own memory
 * after its garbage was collected, and that nothing of it is left when it has gone.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { fileHeaderBytes } from '../../agent/store/file-header.ts';
import { decodeRecordHeader, recordHeaderBytes } from '../../agent/store/record.ts';
import { idFromBytes, type ChunkId } from '../../protocol/ids.ts';
import { MiB } from '../../protocol/limits.ts';
import { encodeFetchRequest } from '../../protocol/messages/peer.ts';
import { peerMethods } from '../../protocol/methods.ts';
import { heldBytes, memoryEnvironment } from '../helpers/agent-memory.ts';
import {
  callFrame,
  creditFrame,
  frame,
  joinAsHostile,
  type HostileConnection,
} from '../helpers/hostile-member.ts';
import { eventually, mustSucceed, RealDevice, temporaryFolder } from '../helpers/real-device.ts';

const calls = 60;

/** Opens calls, lets everything come, sends what nobody asked for, and reads nothing from then on. */
async function besiege(
  connection: HostileConnection,
  ids: Parameters<typeof encodeFetchRequest>[0]['ids'],
): Promise<void> {
  const others = Array.from({ length: 990 }, () => idFromBytes('chunk', randomBytes(32)));
  const request = encodeFetchRequest({ ids: [...ids, ...others] });
  await connection.send(creditFrame(0, 2 ** 30));
  for (let call = 0; call < calls; call += 1) {
    await connection.send(callFrame(2 * call + 1, peerMethods.fetch, request));
    await connection.send(creditFrame(2 * call + 1, 2 ** 30));
  }
  // Up to what each call may send without a word from the other side.
  const piece = Buffer.alloc(60_000, 1);
  for (let round = 0; round < 4; round += 1) {
    for (let call = 0; call < calls; call += 1) {
      await Promise.race([
        connection.send(frame('data', 2 * call + 1, piece)),
        new Promise((resolve) => setTimeout(resolve, 200)),
      ]);
    }
  }
}

test('a hostile member makes an agent hold 8 MiB at most, and nothing when it has gone', async (t) => {
  t.timeout(180_000);
  const folder = await temporaryFolder(t);
  const device = new RealDevice(t, folder, 'target', { environment: memoryEnvironment(folder) });
  await device.init();
  await device.start();
  mustSucceed(await device.run('vault', ['put', '-', 'large'], { input: randomBytes(8 * MiB) }));
  const { pid } = await device.status();
  const mallory = await joinAsHostile(device.listening, await device.invite('writer'));
  const ids = await chunkIdsOf(device);
  const isOnline = async (): Promise<boolean> => (await device.status()).peersOnline > 0;

  const attack = async (): Promise<number> => {
    const before = await heldBytes(folder, pid);
    const connection = await mallory.connect();
    await eventually('it is connected', isOnline);
    const connectedBytes = await heldBytes(folder, pid);
    await besiege(connection, ids);
    const worstBytes = Math.max(await heldBytes(folder, pid), await heldBytes(folder, pid));
    const { stdout } = mustSucceed(await device.vault('ls'));
    t.regex(stdout, /large/, 'others are served');
    t.true(await isOnline(), 'it kept to the rules of the wire');
    connection.destroy();
    await eventually('it is gone', async () => !(await isOnline()));
    const afterBytes = await heldBytes(folder, pid);
    t.log(
      `${mib(worstBytes - connectedBytes)} held while it besieges, ${mib(afterBytes - before)} left after it`,
    );
    t.true(afterBytes - before < 2 * MiB, 'nothing is left');
    return worstBytes - before;
  };
  // The first time an agent makes buffers that it keeps for everybody.
  await attack();
  t.true((await attack()) <= 8 * MiB);
});

/** Of all chunks in the first segment, as its records say. */
async function chunkIdsOf(device: RealDevice): Promise<readonly ChunkId[]> {
  const bytes = await readFile(join(device.home, 'segments', '00000001.seg'));
  const ids: ChunkId[] = [];
  for (let at = fileHeaderBytes; at + recordHeaderBytes <= bytes.length;) {
    const header = decodeRecordHeader(bytes.subarray(at, at + recordHeaderBytes));
    if (header === undefined) break;
    ids.push(header.id as ChunkId);
    at += recordHeaderBytes + header.length;
  }
  return ids;
}

function mib(bytes: number): string {
  return `${(bytes / MiB).toFixed(1)} MiB`;
}
