/** An entry of the tree as a row of `--json`, as INTERFACE of the project fixes it. Pure. */
import { isUtf8 } from 'node:buffer';
import type { Entry } from '../../protocol/messages/control-entry.ts';
import { escapeBytes } from '../../protocol/text/escape.ts';
import { formatTime } from './format.ts';

const slash = 0x2f;

/** Bytes as `NAME`, and as `NAMEBytes` in base64 beside the escaped ones when they are not UTF-8. */
export function bytesJson(name: string, bytes: Buffer): Record<string, string> {
  if (isUtf8(bytes)) return { [name]: bytes.toString('utf8') };
  return { [name]: escapeBytes(bytes), [`${name}Bytes`]: bytes.toString('base64') };
}

/** The last name of a path; the root is `/`. */
export function nameOf(path: Buffer): Buffer {
  return path.length === 0 ? Buffer.from('/') : path.subarray(path.lastIndexOf(slash) + 1);
}

/** `below` as seen from the root, where it is relative to `path`. */
export function joinPath(path: Buffer, below: Buffer): Buffer {
  if (path.length === 0) return below;
  if (below.length === 0) return path;
  return Buffer.concat([path, Buffer.from([slash]), below]);
}

/** @param path from the root of the vault */
export function entryJson(path: Buffer, entry: Entry): Record<string, unknown> {
  return {
    ...bytesJson('path', path.length === 0 ? Buffer.from('/') : path),
    ...bytesJson('name', nameOf(path)),
    kind: entry.kind,
    size: entry.size,
    mtime: formatTime(entry.mtime),
    mode: entry.mode,
    version: entry.version ?? null,
    state: entry.state,
    ...(entry.target === undefined ? {} : bytesJson('target', entry.target)),
  };
}

/** All that is known of one entry, for `stat`. */
export function entryDetailsJson(path: Buffer, entry: Entry): Record<string, unknown> {
  return {
    ...entryJson(path, entry),
    author: entry.author ?? null,
    deviceId: entry.deviceId ?? null,
    inode: entry.inode,
    links: entry.links,
    chunks: entry.chunks,
    chunksHere: entry.chunksHere,
  };
}
