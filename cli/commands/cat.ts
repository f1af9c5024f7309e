/** `vault cat`, and `vault get … -`: content to standard output. */
import { VaultError } from '../../protocol/errors.ts';
import type { ExitStatus } from '../../protocol/exit-status.ts';
import type { NodeKind } from '../../protocol/messages/op.ts';
import { openStandardOutput } from '../get/standard-output.ts';
import type { Handler, Invocation } from '../invocation.ts';
import { count } from '../parse/command-line.ts';
import { clientAt } from '../paths/moment.ts';
import { findVersion } from '../paths/version.ts';

export interface ContentRange {
  readonly offset: number;
  /** undefined: to the end. */
  readonly length: number | undefined;
}

export const cat: Handler = (invocation) => {
  const { line } = invocation;
  const range = { offset: count(line, 'offset') ?? 0, length: count(line, 'length') };
  return writeContents(invocation, line.operands, range);
};

/** Writes the contents one after the other. */
export async function writeContents(
  invocation: Invocation,
  sources: readonly string[],
  range: ContentRange,
): Promise<ExitStatus> {
  const client = await clientAt(invocation);
  const sink = openStandardOutput();
  // A bar would be drawn between the lines of content on the same terminal.
  const progress = process.stdout.isTTY ? undefined : invocation.startProgress();
  try {
    for (const source of sources) {
      const { path, version } = await findVersion(client, invocation.line, source);
      // On the wire, a length of 0 means "to the end".
      if (range.length === 0) await client.stat({ path: path.bytes, version });
      else {
        const request = { path: path.bytes, version, recursive: false, ...range };
        for await (const item of client.get(request)) {
          if (item.type === 'plan') progress?.total(item.bytes);
          if (item.type === 'entry' && item.entry.kind !== 'file') {
            throw noContent(source, item.entry.kind);
          }
          if (item.type !== 'data') continue;
          await sink.write(item.bytes);
          progress?.advance(item.bytes.length);
        }
      }
    }
    await sink.flush();
  } finally {
    progress?.finish();
  }
  return 0;
}

function noContent(source: string, kind: NodeKind): VaultError {
  if (kind === 'directory') {
    const next = 'name a file in it; vault ls shows them';
    return new VaultError('is-directory', { op: 'cli.cat', subject: source, next });
  }
  return new VaultError('not-supported', {
    op: 'cli.cat',
    subject: source,
    detail: 'a symbolic link has no content of its own',
    next: 'vault stat shows where it leads to: name that',
  });
}
