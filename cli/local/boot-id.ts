/** Which run of which kernel this is: on the same one, client and agent can mean the same file. */
import { readFileSync } from 'node:fs';
import { control } from '../../protocol/limits.ts';
import { text } from '../parse/command-line.ts';
import type { CommandLine } from '../parse/command-line.ts';

/**
 * The name of this run of the kernel, for an agent of this machine. Undefined where the kernel has none,
 * and for an agent that is reached through ssh: copies of a virtual machine may share the name.
 */
export function localBootId(line: CommandLine): Buffer | undefined {
  if (text(line, 'ssh') !== undefined) return undefined;
  try {
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').replaceAll('-', '');
    const bytes = Buffer.from(id, 'hex');
    return bytes.length === control.bootIdBytes ? bytes : undefined;
  } catch {
    return undefined;
  }
}
