/**
 * A client of the control socket inside a test: puts bytes from memory and reads the whole tree back
 * as digests. It uses the parts of the real client, without a process for every call.
 */
import { createHash } from 'node:crypto';
import { connectToAgent } from '../../cli/agent/connect.ts';
import { noProgress } from '../../cli/output/progress.ts';
import type { SourceItem } from '../../cli/put/source-item.ts';
import { upload } from '../../cli/put/upload.ts';
import type { ControlClient } from '../../protocol/control/client.ts';
import { toVaultError } from '../../protocol/errors.ts';

export { noiseOf as contentOf } from './byte-stream-of.ts';

export interface ControlSession {
  readonly client: ControlClient;
  /** Stores files in one put. Resolves when all of them are acknowledged. */
  put(files: ReadonlyMap<string, Buffer>): Promise<void>;
  /** Digests of all files by path. A file that cannot be read has `unreadable: CODE` as its digest. */
  readTree(): Promise<Map<string, string>>;
  close(): void;
}

export async function openControlSession(socket: string): Promise<ControlSession> {
  const { client, close } = await connectToAgent(socket, new AbortController().signal);
  return {
    client,
    async put(files) {
      await putFiles(client, files);
    },
    readTree: () => readTree(client),
    close,
  };
}

/** Size and digest: what a file holds, in a word. */
export function digestOf(bytes: Buffer): string {
  return formatDigest(bytes.length, createHash('sha256').update(bytes).digest('hex'));
}

async function putFiles(client: ControlClient, files: ReadonlyMap<string, Buffer>): Promise<void> {
  const session = client.put({
    destination: Buffer.alloc(0),
    parents: true,
    into: false,
    checksum: true,
  });
  const items = [...files].map(([path, bytes]): SourceItem => ({
    path: Buffer.from(path),
    kind: 'file',
    size: bytes.length,
    mode: 0o644,
    mtime: { seconds: 1_700_000_000, nanoseconds: 0 },
    file: undefined,
  }));
  await upload(session, items.values() as Iterator<SourceItem, undefined>, {
    bodies: {
      async send(item, send) {
        const bytes = files.get(item.path.toString());
        if (bytes === undefined) throw new Error('an item that was not offered');
        if (bytes.length > 0) await send(bytes);
      },
    },
    progress: noProgress,
    onFailed(error) {
      throw error;
    },
  });
}

async function readTree(client: ControlClient): Promise<Map<string, string>> {
  const paths: string[] = [];
  for await (const entries of client.list({ path: Buffer.alloc(0), recursive: true })) {
    for (const { kind, path } of entries) if (kind === 'file') paths.push(path.toString());
  }
  const found = new Map<string, string>();
  for (const path of paths) found.set(path, await readDigest(client, path));
  return found;
}

async function readDigest(client: ControlClient, path: string): Promise<string> {
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const item of client.get({ path: Buffer.from(path), recursive: false, offset: 0 })) {
      if (item.type !== 'data') continue;
      hash.update(item.bytes);
      size += item.bytes.length;
    }
  } catch (error) {
    const { code } = toVaultError(error, 'test.read');
    // Without the agent there is nothing to compare: that is no finding about the file.
    if (code === 'closed' || code === 'no-agent') throw error;
    return `unreadable: ${code}`;
  }
  return formatDigest(size, hash.digest('hex'));
}

function formatDigest(size: number, hash: string): string {
  return `${String(size)} bytes ${hash.slice(0, 24)}`;
}
