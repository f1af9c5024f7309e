/** READ, WRITE and COPY_FILE_RANGE: bytes in and out, copied as seldom as can be. */
import { refusal } from '../errno.ts';
import { countReply, dataHeader } from '../protocol/reply.ts';
import type { Answer, Of } from './asked.ts';
import { killPrivileges } from './set-attributes.ts';
import type { Session } from './session.ts';

/** Up to here copying a write costs less than a buffer of its own. */
const copyBytesMax = 64 * 1024;

export function read(
  session: Session,
  { header, request, inode, asking }: Of<'read'>,
): Answer | Promise<Answer> {
  const { offset, size } = request;
  const handle = session.files.get(request.handle);
  asking.afterwards(session.fs.port.lease());
  const how = { interrupt: asking, lent: true };
  const pieces = session.failedReads.watch(header, request, () =>
    session.files.read(inode, handle, { offset, length: size }, how),
  );
  const done = (parts: readonly Buffer[]): Answer => {
    const bytes = parts.reduce((sum, { length }) => sum + length, 0);
    return [dataHeader(header, bytes), ...parts];
  };
  return pieces instanceof Promise ? pieces.then(done) : done(pieces);
}

export async function write(
  session: Session,
  { header, request, inode, keep }: Of<'write'>,
): Promise<Answer> {
  const { offset, data } = request;
  const release = data.length > copyBytesMax ? keep() : undefined;
  try {
    const bytes = release === undefined ? Buffer.from(data) : data;
    const count = await session.files.write(inode, offset, bytes);
    if (request.killsPrivileges) await killPrivileges(session.fs, inode);
    return [countReply(header, count)];
  } finally {
    release?.();
  }
}

export async function copyRange(
  session: Session,
  { header, request, inode }: Of<'copyFileRange'>,
): Promise<Answer> {
  const target = session.nodes.inode(request.targetNode);
  if (target === undefined) throw refusal('ESTALE');
  const { offset, targetOffset, length } = request;
  const copied = await session.files.share(inode, target, { offset, targetOffset, length });
  // Then the kernel copies by itself.
  if (copied === undefined) throw refusal('EOPNOTSUPP');
  return [countReply(header, Math.min(copied, 2 ** 31 - 4096))];
}
