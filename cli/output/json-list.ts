/** A JSON array that is written row by row, so that a long list needs no memory. */
import type { Output } from './output.ts';
import { jsonText } from './output.ts';

export interface JsonList {
  row(value: unknown): void;
  end(): void;
}

export function openJsonList(output: Output): JsonList {
  let rows = 0;
  return {
    row(value) {
      output.raw(`${rows === 0 ? '[\n' : ',\n'}${jsonText(value)}`);
      rows += 1;
    },
    end() {
      output.raw(rows === 0 ? '[]\n' : '\n]\n');
    },
  };
}
