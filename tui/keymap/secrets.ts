/**
 * What is typed into fields that hide it: bytes beside the state, which are overwritten as soon as nobody
 * needs them. The state knows how many characters there are.
 */
import { SecretLine } from '../../protocol/text/secret-line.ts';
import type { SecretEdit } from './intent.ts';

export interface Secrets {
  /** A prompt with such fields is open. */
  readonly isOpen: boolean;
  /** What was typed before is gone. */
  open(): void;
  /** @returns how many characters the field has then */
  edit(field: number, edit: SecretEdit): number;
  /** The bytes of a field; whoever takes them overwrites them. */
  take(field: number): Buffer;
  /** Overwrites everything. */
  wipe(): void;
}

const keys = { erase: Buffer.of(0x7f), clear: Buffer.of(0x15) } as const;
/** What ends a line elsewhere is a space here: recovery words are pasted in lines. */
const controls = /[\u0000-\u001f\u007f]+/g;

export function createSecrets(): Secrets {
  const lines = new Map<number, SecretLine>();
  let isOpen = false;

  function lineOf(field: number): SecretLine {
    const line = lines.get(field) ?? new SecretLine();
    lines.set(field, line);
    return line;
  }

  function wipe(): void {
    for (const line of lines.values()) line.take().fill(0);
    lines.clear();
    isOpen = false;
  }

  return {
    get isOpen() {
      return isOpen;
    },
    open() {
      wipe();
      isOpen = true;
    },
    edit(field, edit) {
      const line = lineOf(field);
      const typed =
        edit.type === 'insert'
          ? Buffer.from(edit.text.replace(controls, ' '))
          : Buffer.from(keys[edit.type]);
      line.push(typed);
      return line.characters;
    },
    take: (field) => lineOf(field).take(),
    wipe,
  };
}
