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
  /** Fields whose last paste ended with the end of a line. */
  const ended = new Set<number>();
  let isOpen = false;

  function lineOf(field: number): SecretLine {
    const line = lines.get(field) ?? new SecretLine();
    lines.set(field, line);
    return line;
  }

  function wipe(): void {
    for (const line of lines.values()) line.take().fill(0);
    lines.clear();
    ended.clear();
    isOpen = false;
  }

  /** A passphrase is often copied with the end of its line: that is a space only when something follows. */
  function inserted(field: number, text: string): Buffer {
    const kept = text.replace(/[\r\n]+$/, '');
    const before = ended.delete(field) && kept !== '' ? ' ' : '';
    if (kept !== text) ended.add(field);
    return Buffer.from(before + kept.replace(controls, ' '));
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
      if (edit.type === 'insert') line.push(inserted(field, edit.text));
      else {
        ended.delete(field);
        line.push(Buffer.from(keys[edit.type]));
      }
      return line.characters;
    },
    take: (field) => lineOf(field).take(),
    wipe,
  };
}
