/**
 * The rules that one operation has to keep by itself, whatever the tree looks like. An operation
 * that breaks one has no effect on any device; its batch stays readable and the others count.
 */
import { chunk, journal, names, notes } from '../../protocol/limits.ts';
import type {
  Attributes,
  ChunkRef,
  Content,
  NoteOp,
  Op,
  Replaced,
} from '../../protocol/messages/op.ts';
import { rootNodeId, type NodeId } from '../../protocol/ids.ts';

/** Of HPKE, agent/members/hpke.ts. */
const sealingTagBytes = 16;

/** Why the operation has no effect; undefined when it keeps all rules. */
export function checkOp(op: Op): string | undefined {
  switch (op.type) {
    case 'make':
      return (
        checkNode(op.node) ??
        checkName(op.name) ??
        checkAttributes(op.attributes) ??
        checkMakeKind(op) ??
        checkOver(op.over)
      );
    case 'write':
      return (
        checkNode(op.node) ??
        checkRefs(op.supersedes.length) ??
        checkRefs(op.replaces.length) ??
        checkContent(op.content) ??
        checkAttributes(op.attributes)
      );
    case 'set-attributes':
      return checkRefs(op.replaces.length) ?? checkAttributes(op.attributes);
    case 'link':
      return checkNode(op.node) ?? checkName(op.name) ?? checkOver(op.over);
    case 'move':
      return (
        checkNode(op.node) ??
        checkName(op.name) ??
        checkRefs(op.replaces.length) ??
        checkOver(op.over)
      );
    case 'unlink':
      return checkNode(op.node) ?? checkRefs(op.heads.length);
    case 'remove-directory':
      return checkNode(op.node) ?? checkRefs(op.replaces.length);
    case 'take-snapshot':
      return Buffer.byteLength(op.name) > names.nameBytesMax ? 'the name is too long' : undefined;
    case 'drop-snapshot':
      return undefined;
    case 'note':
      return checkNote(op);
    case 'unknown':
      return 'a newer version made it, or it is malformed';
  }
}

/** Why bytes cannot be a name in the vault; undefined when they can. */
export function checkName(name: Uint8Array): string | undefined {
  if (name.length === 0) return 'the name is empty';
  if (name.length > names.nameBytesMax) return 'the name is too long';
  const isDot = name[0] === 0x2e && (name.length === 1 || (name.length === 2 && name[1] === 0x2e));
  if (isDot) return 'the name is . or ..';
  return name.includes(0) || name.includes(0x2f) ? 'the name holds NUL or a slash' : undefined;
}

/** Either open, for all readers, or sealed, for one device and the author. */
function checkNote({ about, text, to, sealed }: NoteOp): string | undefined {
  if (to === undefined) {
    if (sealed.length > 0) return 'a sealed note to nobody';
    const length = text === undefined ? 0 : Buffer.byteLength(text);
    return length < 1 || length > notes.textBytesMax ? 'the length of the note' : undefined;
  }
  if (text !== undefined || about !== undefined)
    return 'a note to a device is sealed and not pinned';
  if (sealed.length < 1 || sealed.length > 2) return 'a note is sealed to two devices';
  if (!sealed.some(({ recipient }) => recipient === to))
    return 'a note that is not for whom it says';
  const sealedBytesMax = notes.textBytesMax + sealingTagBytes;
  return sealed.some(({ ciphertext }) => ciphertext.length > sealedBytesMax)
    ? 'the length of the note'
    : undefined;
}

/** The root's attributes can be set; nothing else can happen to it. */
function checkNode(node: NodeId): string | undefined {
  return node === rootNodeId ? 'the root cannot be made, moved, linked or removed' : undefined;
}

function checkMakeKind(op: Extract<Op, { type: 'make' }>): string | undefined {
  const hasTarget = op.target !== undefined;
  const hasContent = op.content !== undefined;
  if (hasTarget !== (op.kind === 'symlink')) return 'a target belongs to symlinks';
  if (hasContent !== (op.kind === 'file')) return 'a content belongs to files';
  if (op.node === op.parent) return 'a node below itself';
  if (op.target !== undefined) {
    const problem = checkTarget(op.target);
    if (problem !== undefined) return problem;
  }
  return op.content === undefined ? undefined : checkContent(op.content);
}

/** The same of the target of a symlink. */
export function checkTarget(target: Uint8Array): string | undefined {
  if (target.length < 1 || target.length > names.targetBytesMax) return 'target length';
  return target.includes(0) ? 'the target holds NUL' : undefined;
}

function checkOver(over: Replaced | undefined): string | undefined {
  if (over === undefined) return undefined;
  return checkNode(over.node) ?? checkRefs(over.heads.length);
}

function checkRefs(count: number): string | undefined {
  return count > journal.refsPerOpMax ? 'it names too many operations' : undefined;
}

/** Why attributes have no effect; undefined when they keep all rules. */
export function checkAttributes(attributes: Attributes): string | undefined {
  const { mode, mtime, xattrs } = attributes;
  if (mode !== undefined && mode > 0o7777) return 'mode bits';
  if (mtime !== undefined && mtime.nanoseconds > 999_999_999) return 'nanoseconds of mtime';
  for (const [name, value] of xattrs ?? []) {
    if (name.length < 1 || name.length > names.xattrNameBytesMax) return 'xattr name length';
    if (name.includes('\0')) return 'an xattr name holds NUL';
    if (value !== undefined && value.length > names.xattrValueBytesMax) return 'xattr value length';
  }
  return undefined;
}

/** The same of a content. */
export function checkContent(content: Content): string | undefined {
  switch (content.type) {
    case 'empty':
      return undefined;
    case 'small':
      return content.size < 1 || content.size > chunk.smallContentBytesMax
        ? 'size of a small content'
        : undefined;
    case 'chunk':
      return content.size === content.chunk.plainLength
        ? checkChunk(content.chunk)
        : 'size and length of its chunk differ';
    case 'manifest':
      return content.size < 1 ? 'size of a manifest' : checkChunk(content.manifest);
  }
}

function checkChunk(ref: ChunkRef): string | undefined {
  if (ref.plainLength < 1 || ref.plainLength > chunk.plainBytesMax) return 'length of a chunk';
  return ref.sealedLength < 1 || ref.sealedLength > chunk.sealedBytesMax
    ? 'sealed length of a chunk'
    : undefined;
}
